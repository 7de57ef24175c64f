#include "desktop/notifications.h"

#include "base/bytes.h"
#include "base/log.h"
#include "desktop/notification_text.h"

#include <sdbus-c++/Error.h>
#include <sdbus-c++/Types.h>

#include <string>
#include <vector>

namespace signet::desktop {
namespace {

constexpr const char* interface_name = "org.freedesktop.Notifications";
// More are not remembered: those shown before stay until the person closes them.
constexpr std::size_t most_remembered = 64;
// In milliseconds. The agent gives up a token that nobody touches after 30 s, and says so.
constexpr std::int32_t time_to_touch = 30000;
constexpr std::int32_t time_of_the_desktop = -1;

// Of the Desktop Notifications Specification.
constexpr std::uint8_t normal_urgency = 1;
constexpr std::uint8_t critical_urgency = 2;

const char* icon_of(ipc::NotificationKind kind) {
    switch (kind) {
        case ipc::NotificationKind::touch_needed:
            return "dialog-password";
        case ipc::NotificationKind::certificate_ends:
            return "dialog-warning";
        case ipc::NotificationKind::pin_blocked:
            break;
    }
    return "dialog-error";
}

std::map<std::string, sdbus::Variant> hints_of(ipc::NotificationKind kind) {
    const bool is_touch = kind == ipc::NotificationKind::touch_needed;
    std::map<std::string, sdbus::Variant> hints;
    hints.emplace("urgency", sdbus::Variant(is_touch ? critical_urgency : normal_urgency));
    if (is_touch) {
        hints.emplace("transient", sdbus::Variant(true));
    }
    return hints;
}

}  // namespace

Notifications::Notifications(sdbus::IConnection& connection)
    : m_proxy(sdbus::createProxy(connection, interface_name, "/org/freedesktop/Notifications")) {
    m_proxy->finishRegistration();
}

void Notifications::show(const ipc::NotifyCall& call) {
    const ipc::NotificationKind kind = call.notification.kind;
    const NotificationText text = notification_text(call.notification);
    m_shown.insert_or_assign(call.id, Shown());
    if (m_shown.size() > most_remembered) {
        m_shown.erase(m_shown.begin());
    }
    constexpr std::uint32_t replaces_none = 0;
    const bool is_touch = kind == ipc::NotificationKind::touch_needed;
    m_proxy->callMethodAsync("Notify")
        .onInterface(interface_name)
        .withArguments("signet", replaces_none, icon_of(kind), text.summary, text.body,
                       std::vector<std::string>(), hints_of(kind),
                       is_touch ? time_to_touch : time_of_the_desktop)
        .uponReplyInvoke([this, id = call.id](const sdbus::Error* error, const std::uint32_t& number) {
            if (error != nullptr) {
                refused(id, *error);
            } else {
                answered(id, number);
            }
        });
}

void Notifications::withdraw(std::uint32_t id) {
    const auto found = m_shown.find(id);
    if (found == m_shown.end()) {
        return;
    }
    if (!found->second.number) {
        found->second.withdrawn = true;
        return;
    }
    close(*found->second.number);
    m_shown.erase(found);
}

void Notifications::answered(std::uint32_t id, std::uint32_t number) {
    const auto found = m_shown.find(id);
    if (found == m_shown.end()) {
        return;
    }
    if (found->second.withdrawn) {
        close(number);
        m_shown.erase(found);
    } else {
        found->second.number = number;
    }
}

void Notifications::refused(std::uint32_t id, const sdbus::Error& error) {
    m_shown.erase(id);
    if (!m_refusal_logged) {
        log::info("the desktop shows no notifications: " + printable_utf8(error.getMessage()));
        m_refusal_logged = true;
    }
}

void Notifications::close(std::uint32_t number) {
    m_proxy->callMethodAsync("CloseNotification")
        .onInterface(interface_name)
        .withArguments(number)
        .uponReplyInvoke([](const sdbus::Error*) {});
}

}  // namespace signet::desktop
