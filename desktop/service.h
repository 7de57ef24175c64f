#pragma once

#include "desktop/bus.h"
#include "desktop/login_watch.h"
#include "desktop/notifications.h"
#include "desktop/screen_saver_watch.h"
#include "ipc/desktop.h"
#include "ipc/server.h"

#include <memory>

namespace signet::desktop {

// org.signet.desktop over the buses, which are connected to when they are first needed.
class Service {
  public:
    explicit Service(ipc::EventLoop& loop);

    void handle(const ipc::CallPointer& call);

  private:
    void watch(const ipc::CallPointer& call);
    void ready_to_sleep(const ipc::CallPointer& call);
    void notify(const ipc::CallPointer& call);
    void withdraw(const ipc::CallPointer& call);
    void report(ipc::DesktopEvent event);

    ipc::CallPointer m_watcher;
    Bus m_system_bus;
    Bus m_session_bus;
    std::unique_ptr<LoginWatch> m_login_watch;
    std::unique_ptr<ScreenSaverWatch> m_screen_saver_watch;
    Notifications m_notifications;
};

}  // namespace signet::desktop
