#include "pkcs11/module/connections.h"

#include "base/directories.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace signet::module {
namespace {

constexpr std::size_t max_idle = 16;

// On Unix sockets EPIPE means that the peer had closed before we sent, ECONNRESET that it closed with our
// octets unread. An end of file instead means that the call was read, and perhaps obeyed.
bool cannot_have_been_read(const Error& error) {
    return error.native_code == EPIPE || error.native_code == ECONNRESET;
}

ino_t inode_of(int socket) {
    struct stat info {};
    return fstat(socket, &info) == 0 ? info.st_ino : 0;
}

}  // namespace

Connections::Lease::~Lease() {
    m_owner.take_back(std::move(m_connection), m_used_up);
}

Result<ipc::Reply> Connections::call(std::string_view method, std::string_view parameters,
                                     ipc::Deadline deadline) {
    if (const auto idle = take_idle()) {
        auto reply = idle->client().call(method, parameters, {}, deadline);
        if (reply || idle->client().usable() || !cannot_have_been_read(reply.error())) {
            return reply;
        }
    }
    SIGNET_TRY(const auto fresh, open());
    return fresh->client().call(method, parameters, {}, deadline);
}

Result<std::unique_ptr<Connections::Lease>> Connections::open() {
    SIGNET_TRY(auto connection, connect());
    const std::lock_guard lock(m_mutex);
    return lease(std::move(connection));
}

std::uint64_t Connections::losses() const {
    const std::lock_guard lock(m_mutex);
    return m_losses;
}

void Connections::end_calls() {
    const std::lock_guard lock(m_mutex);
    for (const Busy& busy : m_busy) {
        if (inode_of(busy.socket) == busy.inode) {
            shutdown(busy.socket, SHUT_RDWR);
        }
    }
}

void Connections::close_inherited() {
    for (const Busy& busy : m_busy) {
        if (inode_of(busy.socket) == busy.inode) {
            close(busy.socket);
        }
    }
    m_busy.clear();
    m_idle.clear();
}

Result<Connections::Connection> Connections::connect() {
    SIGNET_TRY(const auto path, agent_socket_path());
    SIGNET_TRY(auto client, ipc::Client::connect(path.string()));
    const int socket = client.socket();
    return Connection{.client = std::move(client), .socket = socket, .inode = inode_of(socket)};
}

std::unique_ptr<Connections::Lease> Connections::take_idle() {
    const std::lock_guard lock(m_mutex);
    if (m_idle.empty()) {
        return nullptr;
    }
    Connection connection = std::move(m_idle.back());
    m_idle.pop_back();
    return lease(std::move(connection));
}

std::unique_ptr<Connections::Lease> Connections::lease(Connection connection) {
    m_busy.push_back({.socket = connection.socket, .inode = connection.inode});
    return std::make_unique<Lease>(*this, std::move(connection));
}

void Connections::take_back(Connection connection, bool used_up) {
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_busy, [&connection](const Busy& busy) { return busy.inode == connection.inode; });
    if (!connection.client.usable()) {
        ++m_losses;
    } else if (!used_up && m_idle.size() < max_idle) {
        m_idle.push_back(std::move(connection));
    }
}

}  // namespace signet::module
