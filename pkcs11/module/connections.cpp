#include "pkcs11/module/connections.h"

#include "base/directories.h"

#include <sys/socket.h>
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

}  // namespace

Connections::Lease::~Lease() {
    m_owner.take_back(std::move(m_client), m_used_up);
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
    SIGNET_TRY(auto client, connect());
    const std::lock_guard lock(m_mutex);
    return lease(std::move(client));
}

std::uint64_t Connections::losses() const {
    const std::lock_guard lock(m_mutex);
    return m_losses;
}

void Connections::end_calls() {
    const std::lock_guard lock(m_mutex);
    for (const int socket : m_busy) {
        shutdown(socket, SHUT_RDWR);
    }
}

void Connections::close_inherited() {
    for (const int socket : m_busy) {
        close(socket);
    }
    m_busy.clear();
    m_idle.clear();
}

Result<ipc::Client> Connections::connect() {
    SIGNET_TRY(const auto path, agent_socket_path());
    return ipc::Client::connect(path.string());
}

std::unique_ptr<Connections::Lease> Connections::take_idle() {
    const std::lock_guard lock(m_mutex);
    if (m_idle.empty()) {
        return nullptr;
    }
    ipc::Client client = std::move(m_idle.back());
    m_idle.pop_back();
    return lease(std::move(client));
}

std::unique_ptr<Connections::Lease> Connections::lease(ipc::Client client) {
    m_busy.push_back(client.socket());
    return std::make_unique<Lease>(*this, std::move(client));
}

void Connections::take_back(ipc::Client client, bool used_up) {
    const std::lock_guard lock(m_mutex);
    std::erase(m_busy, client.socket());
    if (!client.usable()) {
        ++m_losses;
    } else if (!used_up && m_idle.size() < max_idle) {
        m_idle.push_back(std::move(client));
    }
}

}  // namespace signet::module
