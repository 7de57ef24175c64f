#pragma once

#include "base/error.h"

#include <chrono>
#include <map>
#include <string>

namespace signet::agent {

// Whose prompt or question a person has cancelled a moment ago: they are answered without another one, since
// mail programs ask again and again.
class CancelMemory {
  public:
    static constexpr std::chrono::seconds lasting{30};

    void remember(const std::string& asker) { m_cancelled[asker] = Clock::now(); }
    void forget_all() { m_cancelled.clear(); }

    [[nodiscard]] bool holds(const std::string& asker) {
        std::erase_if(m_cancelled, [](const auto& entry) { return Clock::now() - entry.second >= lasting; });
        return m_cancelled.contains(asker);
    }

    // The answer to those whose PIN prompt is remembered.
    static Error error() {
        return {.code = ErrorCode::cancelled,
                .operation = "unlock",
                .detail = "the PIN prompt was cancelled a moment ago; run signet unlock to be asked again"};
    }

  private:
    using Clock = std::chrono::steady_clock;

    std::map<std::string, Clock::time_point> m_cancelled;
};

}  // namespace signet::agent
