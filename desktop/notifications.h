#pragma once

#include "ipc/desktop.h"

#include <sdbus-c++/IConnection.h>
#include <sdbus-c++/IProxy.h>
#include <sdbus-c++/TypeTraits.h>

#include <cstdint>
#include <map>
#include <memory>

namespace signet::desktop {

// Notifications on the desktop (org.freedesktop.Notifications), under numbers of the agent's. Where nobody
// shows them the log says so, once; those that are not of the moment wait until somebody does. Call
// Bus::sent() after the methods that may send.
class Notifications {
  public:
    // What waits is shown.
    void connected(sdbus::IConnection& connection);
    void lost();

    void show(const ipc::NotifyCall& call);
    void withdraw(std::uint32_t id);

  private:
    enum class State : std::uint8_t { waiting, sent, shown };
    struct Entry {
        ipc::Notification notification;
        State state = State::waiting;
        std::uint32_t number = 0;  // the desktop's, when it is shown
        bool withdrawn = false;
    };

    // Whoever showed notifications is gone, and its numbers are another's.
    void forget_shown();
    void show_waiting();
    void send(std::uint32_t id, Entry& entry);
    void answered(std::uint32_t id, std::uint32_t number);
    void refused(std::uint32_t id, const sdbus::Error& error);
    void close(std::uint32_t number);

    std::unique_ptr<sdbus::IProxy> m_proxy;  // null without a bus
    sdbus::Slot m_owner_watch;
    std::map<std::uint32_t, Entry> m_entries;  // the latest of them
    bool m_refusal_logged = false;
};

}  // namespace signet::desktop
