#pragma once

#include "base/file_descriptor.h"
#include "tests/support/message_bus.h"

#include <sdbus-c++/sdbus-c++.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace signet::test {

// A connection of the test's to a bus, with a thread that answers calls.
class BusService {
  public:
    explicit BusService(const MessageBus& bus);
    ~BusService();
    BusService(const BusService&) = delete;
    BusService& operator=(const BusService&) = delete;

    [[nodiscard]] sdbus::IConnection& connection() { return *m_connection; }
    // To be called when its objects are there: whoever waits for the name calls them at once.
    void start(const std::string& name);

  private:
    std::unique_ptr<sdbus::IConnection> m_connection;
};

// As much of systemd-logind as a session sees, with one session, "1".
class Logind {
  public:
    static constexpr const char* session_id = "1";

    explicit Logind(const MessageBus& bus, bool locked = false);

    // Somebody wants the screen locked ("loginctl lock-session").
    void lock();
    // The desktop says whether it is.
    void set_locked_hint(bool locked);
    void end_session();
    void begin_session();
    // Before the machine sleeps, and after.
    void prepare_for_sleep(bool begins);
    // Every signal with arguments that do not belong to it.
    void send_nonsense();

    // Somebody delays sleep now.
    [[nodiscard]] bool sleep_is_delayed();
    // How often a delay was asked for.
    [[nodiscard]] int delays() const;

  private:
    sdbus::UnixFd delay_sleep();

    mutable std::mutex m_mutex;
    bool m_locked;
    bool m_has_session = true;
    int m_delays = 0;
    std::vector<FileDescriptor> m_delaying;  // ends of pipes, whose other ends the delaying programs hold
    BusService m_service;
    std::unique_ptr<sdbus::IObject> m_manager;
    std::unique_ptr<sdbus::IObject> m_session;
};

class ScreenSaver {
  public:
    ScreenSaver(const MessageBus& bus, const std::string& name, const std::string& path, bool active = false);

    void set_active(bool active);

  private:
    std::string m_name;
    BusService m_service;
    std::unique_ptr<sdbus::IObject> m_object;
};

struct ShownNotification {
    std::uint32_t number = 0;
    std::string application;
    std::string summary;
    std::string body;
    std::int32_t timeout = 0;
    bool closed = false;
};

// A desktop that shows notifications.
class NotificationServer {
  public:
    explicit NotificationServer(const MessageBus& bus);

    // All that were shown.
    [[nodiscard]] std::vector<ShownNotification> shown() const;

  private:
    mutable std::mutex m_mutex;
    std::vector<ShownNotification> m_shown;
    BusService m_service;
    std::unique_ptr<sdbus::IObject> m_object;
};

}  // namespace signet::test
