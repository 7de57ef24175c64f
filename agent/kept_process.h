#pragma once

#include "agent/host_process.h"

#include <chrono>
#include <functional>
#include <memory>

namespace signet::agent {

// A helper process that is to be there all the time: it is started again when it ends, later each time.
class KeptProcess {
  public:
    struct Events {
        std::function<void(HostProcess&)> started;
        std::function<void()> session_free = [] {};
        std::function<void()> ended = [] {};  // or could not start
    };

    KeptProcess(ipc::EventLoop& loop, HostSubject subject, Events events);

    // Does nothing where it runs already.
    void start();
    void start_after(std::chrono::milliseconds pause);
    void stop();
    // It does what it is for: should it end now, it is started again soon.
    void works();

    // Null while there is none.
    [[nodiscard]] HostProcess* process() const { return m_process.get(); }

  private:
    void start_again();

    ipc::EventLoop& m_loop;
    HostSubject m_subject;
    Events m_events;
    std::unique_ptr<HostProcess> m_process;
    ipc::Timer m_restart;
    std::chrono::seconds m_pause;
};

}  // namespace signet::agent
