#pragma once

#include "agent/kept_process.h"

#include <functional>
#include <vector>

namespace signet::agent {

// Which readers hold a card, as a signet-token process tells that is all about PC/SC. That pcscd does not run
// costs nothing: the process waits for it.
class ReaderWatch {
  public:
    // Readers with a card. None when pcscd has gone: the cards that the next one reports are others.
    using Changed = std::function<void(std::vector<ipc::Reader>)>;

    ReaderWatch(ipc::EventLoop& loop, Changed changed);

    void start() { m_process.start(); }
    // Cards that were reported stay so.
    void stop() { m_process.stop(); }

  private:
    void reported(const Result<ipc::Reply>& reply);

    Changed m_changed;
    KeptProcess m_process;
};

}  // namespace signet::agent
