#pragma once

#include "ipc/listener.h"
#include "ssh/connection.h"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace signet::ssh {

// Accepts clients and serves each in a thread of its own, so that none waits for another.
class Server {
  public:
    // Connections at once, in all and of one process: all of another machine come through one ssh.
    static constexpr std::size_t max_connections = 256;
    static constexpr std::size_t max_connections_of_process = 32;

    explicit Server(Settings settings);

    // Replaces those that the next requests are judged by.
    void set_settings(Settings settings);
    // No client is connected.
    [[nodiscard]] bool idle() const { return m_shared->count() == 0; }
    // Takes a client that waits at the socket, if one does.
    void accept_from(int listening_socket, Access access);

  private:
    using Clock = std::chrono::steady_clock;

    // Logs one line of many that clients can cause by connecting.
    void complain(const std::string& line);

    // Shared with the threads, which may outlive the server.
    struct Shared {
        std::mutex mutex;
        std::shared_ptr<const Settings> settings;
        std::map<pid_t, std::size_t> connections;  // of each process
        std::size_t all_connections = 0;

        std::shared_ptr<const Settings> current_settings();
        std::size_t count();
        bool enter(pid_t client);
        void leave(pid_t client);
    };

    std::shared_ptr<Shared> m_shared;
    std::optional<Clock::time_point> m_complained;
};

}  // namespace signet::ssh
