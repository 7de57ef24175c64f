#pragma once

#include "agent/config.h"
#include "agent/kept_process.h"
#include "ipc/desktop.h"

#include <cstdint>
#include <deque>
#include <functional>

namespace signet::agent {

// The person's desktop, as a signet-desktop process tells and shows: nothing here speaks D-Bus. Where the
// process cannot run, or ends, the agent goes on without it.
class Desktop {
  public:
    struct Events {
        // The screen is locked, or the machine waits to sleep until `forgotten` is called.
        std::function<void(std::function<void()> forgotten)> person_leaves;
        std::function<void()> awake;
    };
    using NotificationId = std::uint32_t;

    Desktop(ipc::EventLoop& loop, Events events);

    void configure(const DesktopConfig& config);
    void stop();

    [[nodiscard]] bool wants_notifications() const { return m_config.notifications; }
    // Shows it, where notifications are wanted. A process that ended takes those that it had with it.
    NotificationId notify(const ipc::Notification& notification);
    void withdraw(NotificationId id);

  private:
    void started(HostProcess& process);
    void reported(const Result<ipc::Reply>& reply);
    void happened(ipc::DesktopEvent event);
    void call(const char* method, std::string parameters);
    void work();

    Events m_events;
    DesktopConfig m_config{.notifications = false, .lock_with_screen = false};
    std::deque<HostCall> m_queue;
    NotificationId m_next_id = 1;
    std::uint64_t m_departures = 0;  // the machine may be awake again before everything was forgotten
    KeptProcess m_process;
};

}  // namespace signet::agent
