#include "desktop/login_watch.h"

#include "base/bytes.h"
#include "base/log.h"

#include <sdbus-c++/Error.h>
#include <sdbus-c++/Message.h>

#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

namespace signet::desktop {
namespace {

constexpr const char* logind = "org.freedesktop.login1";
constexpr const char* manager_interface = "org.freedesktop.login1.Manager";
constexpr const char* session_interface = "org.freedesktop.login1.Session";
constexpr const char* properties_interface = "org.freedesktop.DBus.Properties";
constexpr const char* start_of_logind =
    "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
    "member='NameOwnerChanged',arg0='org.freedesktop.login1'";
// logind's word for the caller's session, else that of the person's display.
constexpr const char* own_session = "auto";

std::string session_id() {
    const char* variable = std::getenv("XDG_SESSION_ID");
    return variable != nullptr && *variable != '\0' ? variable : own_session;
}

void log_refusal(const std::string& what, const sdbus::Error& error) {
    log::debug("logind: " + what + ": " + printable_utf8(error.getMessage()));
}

}  // namespace

LoginWatch::LoginWatch(sdbus::IConnection& connection, Events events)
    : m_connection(connection),
      m_events(std::move(events)),
      m_manager(sdbus::createProxy(connection, logind, "/org/freedesktop/login1")) {
    m_manager->uponSignal("PrepareForSleep").onInterface(manager_interface).call([this](const bool& starts) {
        prepare_for_sleep(starts);
    });
    const auto session_changed = [this](const std::string&, const sdbus::ObjectPath&) {
        find_session(session_id());
    };
    m_manager->uponSignal("SessionNew").onInterface(manager_interface).call(session_changed);
    m_manager->uponSignal("SessionRemoved").onInterface(manager_interface).call(session_changed);
    m_manager->finishRegistration();
    m_start_of_logind = connection.addMatch(start_of_logind, [this](sdbus::Message& message) {
        std::string name;
        std::string old_owner;
        std::string new_owner;
        message >> name >> old_owner >> new_owner;
        if (!new_owner.empty()) {
            begin();
        }
    });
    begin();
}

void LoginWatch::begin() {
    m_sleeping = false;
    delay_sleep();
    find_session(session_id());
}

void LoginWatch::delay_sleep() {
    m_manager->callMethodAsync("Inhibit")
        .onInterface(manager_interface)
        .withArguments("sleep", "signet", "Forgetting PINs", "delay")
        .uponReplyInvoke([this](const sdbus::Error* error, sdbus::UnixFd delay) {
            if (error != nullptr) {
                log_refusal("Inhibit", *error);
            } else if (!m_sleeping) {
                m_delay = std::move(delay);
            }
        });
}

void LoginWatch::prepare_for_sleep(bool starts) {
    m_sleeping = starts;
    if (starts) {
        m_events.going_to_sleep();
    } else {
        delay_sleep();
        m_events.awake();
    }
}

void LoginWatch::ready_to_sleep() {
    if (m_sleeping) {
        m_delay.reset();
    }
}

void LoginWatch::find_session(const std::string& id) {
    m_manager->callMethodAsync("GetSession")
        .onInterface(manager_interface)
        .withArguments(id)
        .uponReplyInvoke([this, id](const sdbus::Error* error, const sdbus::ObjectPath& session) {
            if (error == nullptr) {
                follow(session);
                return;
            }
            log_refusal("session " + printable_utf8(id), *error);
            if (id != own_session) {
                find_session(own_session);
            } else {
                m_session.reset();
            }
        });
}

void LoginWatch::follow(const sdbus::ObjectPath& session) {
    if (!m_session || m_session->getObjectPath() != session) {
        m_session = sdbus::createProxy(m_connection, logind, session);
        m_session->uponSignal("Lock").onInterface(session_interface).call([this] {
            m_events.screen_locked();
        });
        m_session->uponSignal("PropertiesChanged")
            .onInterface(properties_interface)
            .call([this](const std::string& interface, const std::map<std::string, sdbus::Variant>& changed,
                         const std::vector<std::string>& invalidated) {
                if (interface == session_interface &&
                    (changed.contains("LockedHint") || !invalidated.empty())) {
                    look_at_hint();
                }
            });
        m_session->finishRegistration();
        log::debug("logind: watching " + session);
    }
    look_at_hint();
}

void LoginWatch::look_at_hint() {
    m_session->callMethodAsync("Get")
        .onInterface(properties_interface)
        .withArguments(session_interface, "LockedHint")
        .uponReplyInvoke([this](const sdbus::Error* error, const sdbus::Variant& locked) {
            if (error != nullptr) {
                log_refusal("LockedHint", *error);
            } else if (locked.containsValueOfType<bool>() && locked.get<bool>()) {
                m_events.screen_locked();
            }
        });
}

}  // namespace signet::desktop
