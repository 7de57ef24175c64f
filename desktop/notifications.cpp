#include "desktop/notifications.h"

#include "base/bytes.h"
#include "base/log.h"
#include "desktop/notification_text.h"

#include <sdbus-c++/Error.h>
#include <sdbus-c++/Message.h>
#include <sdbus-c++/Types.h>

#include <string>
#include <vector>

namespace signet::desktop {
namespace {

constexpr const char* interface_name = "org.freedesktop.Notifications";
constexpr const char* change_of_owner =
    "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
    "member='NameOwnerChanged',arg0='org.freedesktop.Notifications'";
// More are not remembered: those shown before stay until the person closes them.
constexpr std::size_t most_remembered = 64;
// In milliseconds. The agent gives up a token that nobody touches after 30 s, and says so.
constexpr std::int32_t time_to_touch = 30000;
constexpr std::int32_t time_of_the_desktop = -1;

// Of the Desktop Notifications Specification.
constexpr std::uint8_t normal_urgency = 1;
constexpr std::uint8_t critical_urgency = 2;

bool is_of_the_moment(const ipc::Notification& notification) {
    return notification.kind == ipc::NotificationKind::touch_needed;
}

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

void Notifications::connected(sdbus::IConnection& connection) {
    m_proxy = sdbus::createProxy(connection, interface_name, "/org/freedesktop/Notifications");
    m_proxy->finishRegistration();
    m_owner_watch = connection.addMatch(change_of_owner, [this](sdbus::Message& message) {
        std::string name;
        std::string old_owner;
        std::string new_owner;
        message >> name >> old_owner >> new_owner;
        if (!old_owner.empty()) {
            forget_shown();
        }
        if (!new_owner.empty()) {
            show_waiting();
        }
    });
    show_waiting();
}

void Notifications::lost() {
    m_owner_watch = {};
    m_proxy.reset();
    forget_shown();
    std::erase_if(m_entries, [](const auto& entry) { return is_of_the_moment(entry.second.notification); });
    for (auto& [id, entry] : m_entries) {
        entry.state = State::waiting;
    }
}

void Notifications::show(const ipc::NotifyCall& call) {
    Entry& entry = m_entries[call.id] = {.notification = call.notification};
    if (m_proxy) {
        send(call.id, entry);
    } else if (is_of_the_moment(call.notification)) {
        m_entries.erase(call.id);
    }
    if (m_entries.size() > most_remembered) {
        m_entries.erase(m_entries.begin());
    }
}

void Notifications::withdraw(std::uint32_t id) {
    const auto found = m_entries.find(id);
    if (found == m_entries.end()) {
        return;
    }
    if (found->second.state == State::sent) {
        found->second.withdrawn = true;
        return;
    }
    if (found->second.state == State::shown) {
        close(found->second.number);
    }
    m_entries.erase(found);
}

void Notifications::forget_shown() {
    std::erase_if(m_entries, [](const auto& entry) { return entry.second.state == State::shown; });
}

void Notifications::show_waiting() {
    for (auto& [id, entry] : m_entries) {
        if (entry.state == State::waiting) {
            send(id, entry);
        }
    }
}

void Notifications::send(std::uint32_t id, Entry& entry) {
    const ipc::NotificationKind kind = entry.notification.kind;
    const NotificationText text = notification_text(entry.notification);
    constexpr std::uint32_t replaces_none = 0;
    entry.state = State::sent;
    m_proxy->callMethodAsync("Notify")
        .onInterface(interface_name)
        .withArguments("signet", replaces_none, icon_of(kind), text.summary, text.body,
                       std::vector<std::string>(), hints_of(kind),
                       is_of_the_moment(entry.notification) ? time_to_touch : time_of_the_desktop)
        .uponReplyInvoke([this, id](const sdbus::Error* error, const std::uint32_t& number) {
            if (error != nullptr) {
                refused(id, *error);
            } else {
                answered(id, number);
            }
        });
}

void Notifications::answered(std::uint32_t id, std::uint32_t number) {
    const auto found = m_entries.find(id);
    if (found == m_entries.end()) {
        return;
    }
    if (found->second.withdrawn) {
        close(number);
        m_entries.erase(found);
    } else {
        found->second.state = State::shown;
        found->second.number = number;
    }
}

void Notifications::refused(std::uint32_t id, const sdbus::Error& error) {
    if (const auto found = m_entries.find(id); found != m_entries.end()) {
        if (found->second.withdrawn || is_of_the_moment(found->second.notification)) {
            m_entries.erase(found);
        } else {
            found->second.state = State::waiting;
        }
    }
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
