#pragma once

#include "ipc/desktop.h"

#include <sdbus-c++/IConnection.h>
#include <sdbus-c++/IProxy.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

namespace signet::desktop {

// Notifications on the desktop (org.freedesktop.Notifications), under numbers of the agent's. Where nobody
// shows them the log says so, once. Call Bus::sent() after the methods.
class Notifications {
  public:
    explicit Notifications(sdbus::IConnection& connection);

    void show(const ipc::NotifyCall& call);
    void withdraw(std::uint32_t id);

  private:
    struct Shown {
        std::optional<std::uint32_t> number;  // the desktop's, when it has answered
        bool withdrawn = false;
    };

    void answered(std::uint32_t id, std::uint32_t number);
    void refused(std::uint32_t id, const sdbus::Error& error);
    void close(std::uint32_t number);

    std::unique_ptr<sdbus::IProxy> m_proxy;
    std::map<std::uint32_t, Shown> m_shown;  // the latest of them
    bool m_refusal_logged = false;
};

}  // namespace signet::desktop
