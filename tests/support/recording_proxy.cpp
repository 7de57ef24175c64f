#include "tests/support/recording_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace signet::test {
namespace {

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof(address.sun_path) - 1));
    return address;
}

FileDescriptor new_socket() {
    return FileDescriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

FileDescriptor listen_on(const std::string& path) {
    const auto address = address_of(path);
    auto listener = new_socket();
    unlink(path.c_str());
    if (bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        listen(listener.get(), 8) != 0) {
        throw std::system_error(errno, std::generic_category(), path);
    }
    return listener;
}

// What was moved; empty at the end of the stream or when the other side is gone.
std::string move_some(int from, int to) {
    std::array<char, 65536> buffer{};
    const ssize_t count = read(from, buffer.data(), buffer.size());
    if (count <= 0 || send(to, buffer.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) != count) {
        return {};
    }
    return {buffer.data(), static_cast<std::size_t>(count)};
}

}  // namespace

RecordingProxy::RecordingProxy(const std::string& path, std::string agent_socket)
    : m_agent_socket(std::move(agent_socket)),
      m_listener(listen_on(path)),
      m_acceptor([this] { accept_connections(); }) {}

RecordingProxy::~RecordingProxy() {
    shutdown(m_listener.get(), SHUT_RDWR);
    m_acceptor.join();
    for (const auto& connection : m_connections) {
        shutdown(connection.get(), SHUT_RDWR);
    }
    for (auto& thread : m_threads) {
        thread.join();
    }
}

std::vector<std::string> RecordingProxy::calls(const std::string& method) const {
    const std::scoped_lock lock(m_mutex);
    std::vector<std::string> found;
    for (const auto& message : m_messages) {
        if (message.find("\"org.signet.agent." + method + "\"") != std::string::npos) {
            found.push_back(message);
        }
    }
    return found;
}

void RecordingProxy::accept_connections() {
    for (;;) {
        FileDescriptor connection(accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!connection.valid()) {
            return;
        }
        const int client = m_connections.emplace_back(std::move(connection)).get();
        m_threads.emplace_back([this, client] { forward(client); });
    }
}

void RecordingProxy::forward(int client) {
    const auto address = address_of(m_agent_socket);
    const auto agent = new_socket();
    if (connect(agent.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        shutdown(client, SHUT_RDWR);
        return;
    }
    std::string pending;
    std::array<pollfd, 2> sources{pollfd{client, POLLIN, 0}, pollfd{agent.get(), POLLIN, 0}};
    while (poll(sources.data(), sources.size(), -1) > 0) {
        if (sources[0].revents != 0) {
            const auto octets = move_some(client, agent.get());
            if (octets.empty()) {
                return;
            }
            record(pending, octets);
        }
        if (sources[1].revents != 0 && move_some(agent.get(), client).empty()) {
            shutdown(client, SHUT_RDWR);
            return;
        }
    }
}

void RecordingProxy::record(std::string& pending, std::string_view octets) {
    pending += octets;
    const std::scoped_lock lock(m_mutex);
    for (std::size_t end = 0; (end = pending.find('\0')) != std::string::npos; pending.erase(0, end + 1)) {
        m_messages.push_back(pending.substr(0, end));
    }
}

}  // namespace signet::test
