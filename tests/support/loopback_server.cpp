#include "tests/support/loopback_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace signet::test {
namespace {

void require_call(bool condition, const char* operation) {
    if (!condition) {
        throw std::system_error(errno, std::generic_category(), operation);
    }
}

FileDescriptor listen_on_loopback(std::uint16_t& port) {
    FileDescriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    require_call(listener.valid(), "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    require_call(bind(listener.get(), generic, size) == 0, "bind");
    require_call(listen(listener.get(), SOMAXCONN) == 0, "listen");
    require_call(getsockname(listener.get(), generic, &size) == 0, "getsockname");
    port = ntohs(address.sin_port);
    return listener;
}

// False when the server stops.
bool wait_for(int descriptor, int stop) {
    std::array<pollfd, 2> entries{pollfd{descriptor, POLLIN, 0}, pollfd{stop, POLLIN, 0}};
    while (poll(entries.data(), entries.size(), -1) < 0 && errno == EINTR) {
    }
    return entries[1].revents == 0;
}

}  // namespace

bool Conversation::fill() {
    std::array<char, 4096> block{};
    if (!wait_for(m_connection.get(), m_stop)) {
        return false;
    }
    const ssize_t count = read(m_connection.get(), block.data(), block.size());
    if (count <= 0) {
        return false;
    }
    m_buffer.append(block.data(), static_cast<std::size_t>(count));
    return true;
}

std::string Conversation::line() {
    while (m_buffer.find('\n') == std::string::npos) {
        if (!fill()) {
            return {};
        }
    }
    return octets(m_buffer.find('\n') + 1);
}

std::string Conversation::octets(std::size_t count) {
    while (m_buffer.size() < count) {
        if (!fill()) {
            return {};
        }
    }
    std::string result = m_buffer.substr(0, count);
    m_buffer.erase(0, count);
    return result;
}

bool Conversation::say(std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = send(m_connection.get(), text.data(), text.size(), MSG_NOSIGNAL);
        if (count < 0) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void Conversation::wait_for_the_end() {
    while (fill()) {
        m_buffer.clear();
    }
}

LoopbackServer::LoopbackServer(std::function<void(Conversation&)> serve)
    : m_serve(std::move(serve)), m_listener(listen_on_loopback(m_port)) {
    auto pipe = make_pipe();
    require_call(pipe.has_value(), "pipe");
    m_stop = std::move(*pipe);
    m_thread = std::thread([this] { accept_connections(); });
}

LoopbackServer::~LoopbackServer() {
    stop();
}

void LoopbackServer::stop() {
    m_stop.write_end.close();
    if (m_thread.joinable()) {
        m_thread.join();
    }
    m_listener.close();
}

void LoopbackServer::accept_connections() {
    while (wait_for(m_listener.get(), m_stop.read_end.get())) {
        FileDescriptor connection(accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (connection.valid()) {
            Conversation conversation(std::move(connection), m_stop.read_end.get());
            m_serve(conversation);
        }
    }
}

std::uint16_t unused_port() {
    return LoopbackServer([](Conversation&) {}).port();
}

}  // namespace signet::test
