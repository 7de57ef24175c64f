#include "ipc/client.h"

#include "base/bytes.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace signet::ipc {
namespace {

// A socket planted by somebody else must not be told what is to be signed.
Result<void> check_peer(int socket) {
    ucred peer{};
    socklen_t length = sizeof(peer);
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) {
        return errno_failure("getsockopt", "SO_PEERCRED", errno);
    }
    if (peer.uid != geteuid() && peer.uid != 0) {
        return failure(ErrorCode::agent_unavailable, "connect",
                       "the agent's socket belongs to user " + std::to_string(peer.uid));
    }
    return {};
}

}  // namespace

Client::Client(FileDescriptor socket) : m_socket(std::move(socket)) {}

Result<Client> Client::connect(const std::string& socket_path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path.size() >= sizeof(address.sun_path)) {
        return failure(ErrorCode::agent_unavailable, "connect", socket_path + ": path too long for a socket");
    }
    std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket.valid()) {
        return errno_failure("socket", {}, errno);
    }
    int result = 0;
    do {
        result = ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    } while (result != 0 && errno == EINTR);
    if (result != 0) {
        Error error = errno_error("connect", socket_path, errno);
        error.code = ErrorCode::agent_unavailable;
        return Failure(std::move(error));
    }
    SIGNET_CHECK(check_peer(socket.get()));
    return Client(std::move(socket));
}

Result<Reply> Client::call(std::string_view method, std::string_view parameters,
                           std::span<const int> descriptors, Deadline deadline) {
    std::string text = encode_call(method, parameters);
    auto sent = send_message(m_socket.get(), text, descriptors, deadline);
    wipe(text);
    if (!sent) {
        give_up();
        return Failure(std::move(sent).error());
    }
    return next_reply(deadline);
}

Result<void> Client::send(std::string_view method, std::string_view parameters) {
    return send_text(encode_call(method, parameters));
}

Result<void> Client::call_more(std::string_view method, std::string_view parameters) {
    return send_text(encode_call(method, parameters, true));
}

Result<void> Client::send_text(const std::string& text) {
    auto sent = send_message(m_socket.get(), text, {}, {});
    if (!sent) {
        give_up();
    }
    return sent;
}

Result<Reply> Client::next_reply(Deadline deadline) {
    std::vector<FileDescriptor> unasked;
    while (!m_buffer.next()) {
        auto received = wait_and_receive(m_socket.get(), m_buffer, unasked, deadline);
        if (received && *received == 0) {
            received = failure(ErrorCode::agent_unavailable, "receive", "the connection was closed");
        }
        if (!received) {
            give_up();
            return Failure(std::move(received).error());
        }
    }
    auto reply = parse_reply(*m_buffer.next());
    m_buffer.consume();
    if (!reply && reply.error().code == ErrorCode::protocol) {
        give_up();
    }
    return reply;
}

void Client::give_up() {
    m_failed = true;
    shutdown(m_socket.get(), SHUT_RDWR);
}

}  // namespace signet::ipc
