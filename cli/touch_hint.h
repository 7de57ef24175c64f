#pragma once

#include "ipc/types.h"

#include <cstdint>
#include <memory>

namespace signet::cli {

// As long as it lives, a token that waits for a finger makes a line on standard error. Costs nothing where no
// token can.
class TouchHint {
  public:
    enum class Target : std::uint8_t {
        standard_error,
        terminal,  // also, where standard error is another's: git shows it too late, and only on an error
    };
    explicit TouchHint(const ipc::Inventory& inventory, Target target = Target::standard_error);
    TouchHint(TouchHint&&) noexcept;
    TouchHint& operator=(TouchHint&&) = delete;
    TouchHint(const TouchHint&) = delete;
    TouchHint& operator=(const TouchHint&) = delete;
    ~TouchHint();

  private:
    struct Watch;
    std::unique_ptr<Watch> m_watch;
};

}  // namespace signet::cli
