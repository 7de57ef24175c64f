#pragma once

#include "agent/host_process.h"

#include <functional>
#include <memory>
#include <vector>

namespace signet::agent {

// Which readers hold a card, as a signet-token process tells that is all about PC/SC. That pcscd does not run
// costs nothing: the process waits for it. A process that ends is started again, later each time.
class ReaderWatch {
  public:
    // Readers with a card. None when pcscd has gone: the cards that the next one reports are others.
    using Changed = std::function<void(std::vector<ipc::Reader>)>;

    ReaderWatch(ipc::EventLoop& loop, Changed changed);

    void start();
    // Cards that were reported stay so.
    void stop();

  private:
    void reported(const Result<ipc::Reply>& reply);
    void start_later();

    ipc::EventLoop& m_loop;
    Changed m_changed;
    std::unique_ptr<HostProcess> m_process;
    ipc::Timer m_restart;
    std::chrono::seconds m_pause;
};

}  // namespace signet::agent
