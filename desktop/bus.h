#pragma once

#include "ipc/event_loop.h"

#include <sdbus-c++/IConnection.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace signet::desktop {

// One D-Bus connection in the event loop. A bus that is not there, or goes, is tried again, later each time.
class Bus {
  public:
    struct Events {
        std::function<void(sdbus::IConnection&)> connected;
        // Whatever uses the connection must let go of it.
        std::function<void()> lost;
    };
    using Connect = std::unique_ptr<sdbus::IConnection> (*)();

    // `name` is for the log.
    Bus(ipc::EventLoop& loop, std::string name, Connect how, Events events);

    // Connects, where it has not been tried yet.
    void open();
    // To be called after something was sent: answers have deadlines, and output may be left over.
    void sent();

  private:
    void connect();
    void work();
    void wait();
    void lose(const std::string& reason);

    ipc::EventLoop& m_loop;
    std::string m_name;
    Connect m_connect;
    Events m_events;
    std::unique_ptr<sdbus::IConnection> m_connection;
    std::optional<ipc::ReadWatch> m_watch;
    bool m_waits_for_input = false;
    bool m_waits_for_output = false;
    bool m_opened = false;
    ipc::Timer m_timer;  // of the next deadline, or of the next try to connect
    std::chrono::seconds m_pause;
};

}  // namespace signet::desktop
