#include "tests/support/piv_card/vpcd.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>

namespace signet::test::piv_card {
namespace {

// vpcd sends a length and its message in two segments; a delayed acknowledgement between them costs 40 ms.
void acknowledge_at_once(int fd) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

std::optional<VpcdMessage::Kind> control_kind(std::uint8_t octet) {
    switch (octet) {
        case 0:
            return VpcdMessage::Kind::power_off;
        case 1:
            return VpcdMessage::Kind::power_on;
        case 2:
            return VpcdMessage::Kind::reset;
        case 4:
            return VpcdMessage::Kind::get_atr;
        default:
            return std::nullopt;
    }
}

}  // namespace

std::optional<VpcdConnection> VpcdConnection::connect(std::uint16_t port) {
    FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        return std::nullopt;
    }
    const int on = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return VpcdConnection(std::move(socket));
}

bool VpcdConnection::read_exactly(std::span<std::uint8_t> out) const {
    while (!out.empty()) {
        acknowledge_at_once(fd());
        const ssize_t count = recv(fd(), out.data(), out.size(), 0);
        if (count <= 0) {
            return false;
        }
        acknowledge_at_once(fd());
        out = out.subspan(static_cast<std::size_t>(count));
    }
    return true;
}

std::optional<VpcdMessage> VpcdConnection::receive() const {
    std::array<std::uint8_t, 2> length{};
    if (!read_exactly(length)) {
        return std::nullopt;
    }
    VpcdMessage message{.kind = VpcdMessage::Kind::command,
                        .command = Bytes(static_cast<std::size_t>(length[0] << 8 | length[1]))};
    if (!read_exactly(message.command)) {
        return std::nullopt;
    }
    if (message.command.size() == 1) {
        const auto kind = control_kind(message.command[0]);
        if (!kind) {
            return std::nullopt;
        }
        message = {.kind = *kind, .command = {}};
    }
    return message;
}

bool VpcdConnection::send(ByteView message) const {
    Bytes framed{static_cast<std::uint8_t>(message.size() >> 8), static_cast<std::uint8_t>(message.size())};
    framed.insert(framed.end(), message.begin(), message.end());
    ByteView rest = framed;
    while (!rest.empty()) {
        const ssize_t count = ::send(fd(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (count <= 0) {
            return false;
        }
        rest = rest.subspan(static_cast<std::size_t>(count));
    }
    return true;
}

bool VpcdConnection::broken() const {
    pollfd entry{fd(), POLLRDHUP, 0};
    return poll(&entry, 1, 0) > 0;
}

}  // namespace signet::test::piv_card
