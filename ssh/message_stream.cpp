#include "ssh/message_stream.h"

#include "ssh/message.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace signet::ssh {
namespace {

using Clock = std::chrono::steady_clock;

bool means_later(int error_number) {
    return error_number == EAGAIN || error_number == EINTR;
}

}  // namespace

Result<void> MessageStream::wait(short events, std::optional<Deadline> deadline) const {
    int left = -1;
    if (deadline) {
        const auto time = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
        left = static_cast<int>(std::max<std::chrono::milliseconds::rep>(time.count(), 0));
    }
    pollfd entry{.fd = m_socket.get(), .events = events, .revents = 0};
    const int ready = poll(&entry, 1, left);
    if (ready == 0) {
        return failure(ErrorCode::timeout, "message");
    }
    return ready < 0 && errno != EINTR ? errno_failure("poll", {}, errno) : Result<void>();
}

// False at the end of the stream. The deadline begins with the first octet.
Result<bool> MessageStream::fill(std::span<std::uint8_t> octets, std::optional<Deadline>& deadline) {
    while (!octets.empty()) {
        const ssize_t count = recv(m_socket.get(), octets.data(), octets.size(), MSG_DONTWAIT);
        if (count == 0) {
            return false;
        }
        if (count < 0) {
            if (!means_later(errno)) {
                return errno_failure("recv", {}, errno);
            }
            SIGNET_CHECK(wait(POLLIN, deadline));
            continue;
        }
        octets = octets.subspan(static_cast<std::size_t>(count));
        deadline = deadline.value_or(Clock::now() + m_deadline);
    }
    return true;
}

Result<std::optional<Bytes>> MessageStream::next() {
    std::optional<Deadline> deadline;
    std::array<std::uint8_t, length_size> header{};
    SIGNET_TRY(const bool begun, fill(header, deadline));
    if (!begun) {
        return std::nullopt;
    }
    const std::uint32_t size = WireReader(header).number();
    if (size == 0) {
        return failure(ErrorCode::protocol, "message", "no type");
    }
    if (size > max_message_size) {
        return failure(ErrorCode::too_large, "message");
    }
    Bytes message(size);
    SIGNET_TRY(const bool whole, fill(message, deadline));
    if (!whole) {
        return std::nullopt;
    }
    return message;
}

Result<void> MessageStream::send(ByteView message) {
    const Deadline deadline = Clock::now() + m_deadline;
    while (!message.empty()) {
        const ssize_t count =
            ::send(m_socket.get(), message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count >= 0) {
            message = message.subspan(static_cast<std::size_t>(count));
        } else if (!means_later(errno)) {
            return errno_failure("send", {}, errno);
        } else {
            SIGNET_CHECK(wait(POLLOUT, deadline));
        }
    }
    return {};
}

}  // namespace signet::ssh
