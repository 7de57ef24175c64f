#include "desktop/service.h"

#include "ipc/codec.h"

#include <string_view>
#include <utility>

namespace signet::desktop {
namespace {

std::unique_ptr<sdbus::IConnection> connect_to_system_bus() {
    return sdbus::createSystemBusConnection();
}

std::unique_ptr<sdbus::IConnection> connect_to_session_bus() {
    return sdbus::createSessionBusConnection();
}

}  // namespace

Service::Service(ipc::EventLoop& loop)
    : m_system_bus(loop, "system bus", connect_to_system_bus,
                   {.connected =
                        [this](sdbus::IConnection& connection) {
                            m_login_watch = std::make_unique<LoginWatch>(
                                connection,
                                LoginWatch::Events{
                                    .screen_locked = [this] { report(ipc::DesktopEvent::screen_locked); },
                                    .going_to_sleep = [this] { report(ipc::DesktopEvent::going_to_sleep); },
                                    .awake = [this] { report(ipc::DesktopEvent::awake); }});
                        },
                    .lost = [this] { m_login_watch.reset(); }}),
      m_session_bus(loop, "session bus", connect_to_session_bus,
                    {.connected =
                         [this](sdbus::IConnection& connection) {
                             m_notifications.connected(connection);
                             m_screen_saver_watch = std::make_unique<ScreenSaverWatch>(
                                 connection, [this] { report(ipc::DesktopEvent::screen_locked); });
                         },
                     .lost =
                         [this] {
                             m_screen_saver_watch.reset();
                             m_notifications.lost();
                         }}) {}

void Service::handle(const ipc::CallPointer& call) {
    const std::string_view method =
        std::string_view(call->call().method).substr(ipc::desktop_interface.size() + 1);
    if (method == "Watch") {
        watch(call);
    } else if (method == "ReadyToSleep") {
        ready_to_sleep(call);
    } else if (method == "Notify") {
        notify(call);
    } else if (method == "Withdraw") {
        withdraw(call);
    } else {
        call->fail({.code = ErrorCode::method_not_found, .operation = "call", .detail = call->call().method});
    }
}

void Service::watch(const ipc::CallPointer& call) {
    if (const auto none = ipc::decode_no_parameters(call->call().parameters); !none) {
        call->fail(none.error());
        return;
    }
    if (!call->call().more || m_watcher) {
        call->fail({.code = ErrorCode::unsupported,
                    .operation = "Watch",
                    .detail = m_watcher ? "a second Watch" : "Watch without \"more\""});
        return;
    }
    m_watcher = call;
    report(ipc::DesktopEvent::watching);
    m_system_bus.open();
    m_session_bus.open();
}

void Service::ready_to_sleep(const ipc::CallPointer& call) {
    if (const auto none = ipc::decode_no_parameters(call->call().parameters); !none) {
        call->fail(none.error());
        return;
    }
    if (m_login_watch) {
        m_login_watch->ready_to_sleep();
    }
    call->reply("{}");
}

void Service::notify(const ipc::CallPointer& call) {
    const auto decoded = ipc::decode_notify_call(call->call().parameters);
    if (!decoded) {
        call->fail(decoded.error());
        return;
    }
    m_session_bus.open();
    m_notifications.show(*decoded);
    m_session_bus.sent();
    call->reply("{}");
}

void Service::withdraw(const ipc::CallPointer& call) {
    const auto id = ipc::decode_withdraw_call(call->call().parameters);
    if (!id) {
        call->fail(id.error());
        return;
    }
    m_notifications.withdraw(*id);
    m_session_bus.sent();
    call->reply("{}");
}

void Service::report(ipc::DesktopEvent event) {
    if (m_watcher) {
        m_watcher->reply_more(ipc::encode(event));
    }
}

}  // namespace signet::desktop
