#pragma once

#include "agent/kept_process.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace signet::agent {

// Which readers hold a card, as a signet-token process tells that is all about PC/SC. That pcscd does not run
// costs nothing: the process waits for it.
class ReaderWatch {
  public:
    // What is known of readers is another than before.
    using Changed = std::function<void()>;

    ReaderWatch(ipc::EventLoop& loop, Changed changed);

    void start();
    void stop();

    // Nothing more is to be expected soon: it is stopped, the readers were reported, or that takes too long.
    [[nodiscard]] bool settled() const { return m_settled; }
    // Readers with a card. None when pcscd has gone: the cards that the next one reports are others.
    [[nodiscard]] const std::vector<ipc::Reader>& cards() const { return m_cards; }
    // Why pcscd cannot be asked.
    [[nodiscard]] const std::optional<std::string>& failure_detail() const { return m_failure; }
    // pcscd has answered since the start.
    [[nodiscard]] bool has_worked() const { return m_has_worked; }

  private:
    void reported(const Result<ipc::Reply>& reply);
    void settle();

    Changed m_changed;
    ipc::Timer m_patience;
    bool m_started = false;
    bool m_settled = true;
    std::vector<ipc::Reader> m_cards;
    std::optional<std::string> m_failure;
    bool m_has_worked = false;
    KeptProcess m_process;
};

}  // namespace signet::agent
