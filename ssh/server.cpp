#include "ssh/server.h"

#include "base/log.h"
#include "ssh/client_process.h"

#include <sys/socket.h>

#include <cerrno>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

namespace signet::ssh {

std::shared_ptr<const Settings> Server::Shared::current_settings() {
    const std::lock_guard lock(mutex);
    return settings;
}

std::size_t Server::Shared::count() {
    const std::lock_guard lock(mutex);
    return all_connections;
}

bool Server::Shared::enter(pid_t client) {
    const std::lock_guard lock(mutex);
    std::size_t& of_client = connections[client];
    if (all_connections == max_connections || of_client == max_connections_of_process) {
        if (of_client == 0) {
            connections.erase(client);
        }
        return false;
    }
    ++of_client;
    ++all_connections;
    return true;
}

void Server::Shared::leave(pid_t client) {
    const std::lock_guard lock(mutex);
    --all_connections;
    if (const auto entry = connections.find(client); --entry->second == 0) {
        connections.erase(entry);
    }
}

Server::Server(Settings settings) : m_shared(std::make_shared<Shared>()) {
    set_settings(std::move(settings));
}

void Server::set_settings(Settings settings) {
    const std::lock_guard lock(m_shared->mutex);
    m_shared->settings = std::make_shared<const Settings>(std::move(settings));
}

void Server::complain(const std::string& line) {
    constexpr std::chrono::minutes between_complaints{1};
    const auto now = Clock::now();
    if (!m_complained || now - *m_complained >= between_complaints) {
        m_complained = now;
        log::warning(line);
    }
}

void Server::accept_from(int listening_socket, Access access) {
    FileDescriptor socket(accept4(listening_socket, nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket.valid()) {
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
            complain("accept: " + std::generic_category().message(errno));
        }
        return;
    }
    const auto client = client_process(socket.get());
    if (!client) {
        complain("refused: " + client.error().detail);
        return;
    }
    if (!m_shared->enter(*client)) {
        complain("process " + std::to_string(*client) + " has too many connections");
        return;
    }
    const auto serve = [shared = m_shared, client = *client, access](FileDescriptor connected) {
        try {
            Connection(std::move(connected), client, access, [shared] {
                return shared->current_settings();
            }).serve();
        } catch (const std::exception& error) {
            log::error("process " + std::to_string(client) + ": " + error.what());
        }
        shared->leave(client);
    };
    try {
        std::thread(serve, std::move(socket)).detach();
    } catch (const std::system_error& error) {
        m_shared->leave(*client);
        log::error(std::string("no thread for a client: ") + error.what());
    }
}

}  // namespace signet::ssh
