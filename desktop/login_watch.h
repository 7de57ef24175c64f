#pragma once

#include <sdbus-c++/IConnection.h>
#include <sdbus-c++/IProxy.h>
#include <sdbus-c++/Types.h>

#include <functional>
#include <memory>
#include <string>

namespace signet::desktop {

// What systemd-logind tells: that the screen of this person's session is locked, and that the machine goes to
// sleep, which it delays until ready_to_sleep(). The session is the one that XDG_SESSION_ID names, else the
// one that logind takes for the person's display; where there is none, it waits for one.
class LoginWatch {
  public:
    struct Events {
        std::function<void()> screen_locked;  // also when it is found locked
        std::function<void()> going_to_sleep;
        std::function<void()> awake;
    };

    // Call Bus::sent() after this and the methods.
    LoginWatch(sdbus::IConnection& connection, Events events);

    void ready_to_sleep();

  private:
    void begin();
    void delay_sleep();
    void prepare_for_sleep(bool starts);
    void find_session(const std::string& id);
    void follow(const sdbus::ObjectPath& session);
    void look_at_hint();

    sdbus::IConnection& m_connection;
    Events m_events;
    std::unique_ptr<sdbus::IProxy> m_manager;
    std::unique_ptr<sdbus::IProxy> m_session;
    sdbus::Slot m_start_of_logind;
    sdbus::UnixFd m_delay;  // logind's: the machine sleeps when it is closed
    bool m_sleeping = false;
};

}  // namespace signet::desktop
