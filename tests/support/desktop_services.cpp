#include "tests/support/desktop_services.h"

#include <poll.h>

#include <algorithm>
#include <stdexcept>

namespace signet::test {
namespace {

constexpr const char* logind_name = "org.freedesktop.login1";
constexpr const char* manager_interface = "org.freedesktop.login1.Manager";
constexpr const char* session_interface = "org.freedesktop.login1.Session";
constexpr const char* session_path = "/org/freedesktop/login1/session/_31";
constexpr const char* notifications_name = "org.freedesktop.Notifications";

bool other_end_is_closed(const FileDescriptor& pipe) {
    pollfd entry{.fd = pipe.get(), .events = 0, .revents = 0};
    return poll(&entry, 1, 0) == 1;
}

}  // namespace

BusService::BusService(const MessageBus& bus)
    : m_connection(sdbus::createSessionBusConnectionWithAddress(bus.address())) {}

void BusService::start(const std::string& name) {
    m_connection->requestName(name);
    m_connection->enterEventLoopAsync();
}

BusService::~BusService() {
    m_connection->leaveEventLoop();
}

Logind::Logind(const MessageBus& bus, bool locked)
    : m_locked(locked),
      m_service(bus),
      m_manager(sdbus::createObject(m_service.connection(), "/org/freedesktop/login1")),
      m_session(sdbus::createObject(m_service.connection(), session_path)) {
    m_session->registerProperty("LockedHint").onInterface(session_interface).withGetter([this] {
        const std::scoped_lock lock(m_mutex);
        return m_locked;
    });
    m_session->registerSignal("Lock").onInterface(session_interface);
    m_session->finishRegistration();
    m_manager->registerMethod("Inhibit")
        .onInterface(manager_interface)
        .implementedAs(
            [this](const std::string& what, const std::string&, const std::string&, const std::string& mode) {
                if (what != "sleep" || mode != "delay") {
                    throw sdbus::Error("org.freedesktop.DBus.Error.InvalidArgs", what + " " + mode);
                }
                return delay_sleep();
            });
    m_manager->registerMethod("GetSession")
        .onInterface(manager_interface)
        .implementedAs([this](const std::string& id) {
            const std::scoped_lock lock(m_mutex);
            if (!m_has_session || (id != session_id && id != "auto")) {
                throw sdbus::Error("org.freedesktop.login1.NoSuchSession", id);
            }
            return sdbus::ObjectPath(session_path);
        });
    m_manager->registerSignal("PrepareForSleep").onInterface(manager_interface).withParameters<bool>();
    m_manager->registerSignal("SessionNew")
        .onInterface(manager_interface)
        .withParameters<std::string, sdbus::ObjectPath>();
    m_manager->finishRegistration();
    m_service.start(logind_name);
}

void Logind::lock() {
    m_session->emitSignal("Lock").onInterface(session_interface);
}

void Logind::set_locked_hint(bool locked) {
    {
        const std::scoped_lock lock(m_mutex);
        m_locked = locked;
    }
    m_session->emitPropertiesChangedSignal(session_interface, {"LockedHint"});
}

void Logind::end_session() {
    const std::scoped_lock lock(m_mutex);
    m_has_session = false;
}

void Logind::begin_session() {
    {
        const std::scoped_lock lock(m_mutex);
        m_has_session = true;
    }
    m_manager->emitSignal("SessionNew")
        .onInterface(manager_interface)
        .withArguments(std::string(session_id), sdbus::ObjectPath(session_path));
}

void Logind::prepare_for_sleep(bool begins) {
    m_manager->emitSignal("PrepareForSleep").onInterface(manager_interface).withArguments(begins);
}

void Logind::send_nonsense() {
    const std::vector<std::string> words{"one", "two"};
    for (const auto* signal : {"PrepareForSleep", "SessionNew", "SessionRemoved"}) {
        auto message = m_manager->createSignal(manager_interface, signal);
        message << words;
        m_manager->emitSignal(message);
    }
    auto lock = m_session->createSignal(session_interface, "Lock");
    lock << words;
    m_session->emitSignal(lock);
    auto properties = m_session->createSignal("org.freedesktop.DBus.Properties", "PropertiesChanged");
    properties << words;
    m_session->emitSignal(properties);
}

bool Logind::sleep_is_delayed() {
    const std::scoped_lock lock(m_mutex);
    std::erase_if(m_delaying, other_end_is_closed);
    return !m_delaying.empty();
}

int Logind::delays() const {
    const std::scoped_lock lock(m_mutex);
    return m_delays;
}

sdbus::UnixFd Logind::delay_sleep() {
    auto pipe = make_pipe();
    if (!pipe) {
        throw std::runtime_error(pipe.error().detail);
    }
    const std::scoped_lock lock(m_mutex);
    ++m_delays;
    // A pipe whose reading end is closed shows an error on the writing end.
    m_delaying.push_back(std::move(pipe->write_end));
    return sdbus::UnixFd(pipe->read_end.release(), sdbus::adopt_fd);
}

ScreenSaver::ScreenSaver(const MessageBus& bus, const std::string& name, const std::string& path, bool active)
    : m_name(name), m_service(bus), m_object(sdbus::createObject(m_service.connection(), path)) {
    m_object->registerMethod("GetActive").onInterface(name).implementedAs([active] { return active; });
    m_object->registerSignal("ActiveChanged").onInterface(name).withParameters<bool>();
    m_object->finishRegistration();
    m_service.start(name);
}

void ScreenSaver::set_active(bool active) {
    m_object->emitSignal("ActiveChanged").onInterface(m_name).withArguments(active);
}

NotificationServer::NotificationServer(const MessageBus& bus)
    : m_service(bus),
      m_object(sdbus::createObject(m_service.connection(), "/org/freedesktop/Notifications")) {
    m_object->registerMethod("Notify")
        .onInterface(notifications_name)
        .implementedAs([this](const std::string& application, const std::uint32_t&, const std::string&,
                              const std::string& summary, const std::string& body,
                              const std::vector<std::string>&, const std::map<std::string, sdbus::Variant>&,
                              const std::int32_t& timeout) {
            const std::scoped_lock lock(m_mutex);
            const auto number = static_cast<std::uint32_t>(m_shown.size()) + 100;
            m_shown.push_back({.number = number,
                               .application = application,
                               .summary = summary,
                               .body = body,
                               .timeout = timeout});
            return number;
        });
    m_object->registerMethod("CloseNotification")
        .onInterface(notifications_name)
        .implementedAs([this](const std::uint32_t& number) {
            const std::scoped_lock lock(m_mutex);
            for (auto& notification : m_shown) {
                notification.closed = notification.closed || notification.number == number;
            }
        });
    m_object->finishRegistration();
    m_service.start(notifications_name);
}

std::vector<ShownNotification> NotificationServer::shown() const {
    const std::scoped_lock lock(m_mutex);
    return m_shown;
}

}  // namespace signet::test
