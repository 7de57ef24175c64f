#include "ipc/socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

namespace signet::ipc {
namespace {

using DescriptorBuffer = std::array<char, CMSG_SPACE(sizeof(int) * max_descriptors)>;

// Milliseconds for poll(), rounded up; -1 without a deadline.
int remaining_milliseconds(const Deadline& deadline) {
    if (!deadline) {
        return -1;
    }
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, INT_MAX));
}

Result<void> wait_for(int socket, short events, const Deadline& deadline) {
    for (;;) {
        pollfd entry{.fd = socket, .events = events, .revents = 0};
        const int ready = poll(&entry, 1, remaining_milliseconds(deadline));
        if (ready > 0) {
            return {};
        }
        if (ready == 0) {
            return failure(ErrorCode::timeout, "poll", "the other side did not answer in time");
        }
        if (errno != EINTR) {
            return errno_failure("poll", {}, errno);
        }
    }
}

void attach(msghdr& header, DescriptorBuffer& control, std::span<const int> descriptors) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors.size());
    cmsghdr* message = CMSG_FIRSTHDR(&header);
    message->cmsg_level = SOL_SOCKET;
    message->cmsg_type = SCM_RIGHTS;
    message->cmsg_len = CMSG_LEN(sizeof(int) * descriptors.size());
    std::memcpy(CMSG_DATA(message), descriptors.data(), sizeof(int) * descriptors.size());
}

void take_descriptors(msghdr& header, std::vector<FileDescriptor>& out) {
    for (cmsghdr* message = CMSG_FIRSTHDR(&header); message != nullptr;
         message = CMSG_NXTHDR(&header, message)) {
        if (message->cmsg_level != SOL_SOCKET || message->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        const std::size_t count = (message->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(message) + i * sizeof(int), sizeof(int));
            out.emplace_back(fd);
        }
    }
}

}  // namespace

Result<std::size_t> send_some(int socket, std::string_view text, std::size_t from,
                              std::span<const int> descriptors) {
    char nul = 0;
    const std::size_t text_from = std::min(from, text.size());
    std::array<iovec, 2> parts{
        iovec{const_cast<char*>(text.data() + text_from), text.size() - text_from},
        iovec{&nul, 1},
    };
    msghdr header{};
    header.msg_iov = parts.data();
    header.msg_iovlen = parts.size();
    alignas(cmsghdr) DescriptorBuffer control{};
    if (from == 0 && !descriptors.empty()) {
        attach(header, control, descriptors);
    }
    ssize_t count = 0;
    do {
        count = sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (count < 0 && errno == EINTR);
    if (count >= 0) {
        return static_cast<std::size_t>(count);
    }
    if (errno == EAGAIN) {
        return 0;
    }
    if (errno == EPIPE || errno == ECONNRESET) {
        return failure(ErrorCode::agent_unavailable, "send", "the connection was closed", errno);
    }
    return errno_failure("sendmsg", {}, errno);
}

Result<void> send_message(int socket, std::string_view text, std::span<const int> descriptors,
                          Deadline deadline) {
    std::size_t sent = 0;
    while (sent < text.size() + 1) {
        SIGNET_TRY(const auto count, send_some(socket, text, sent, descriptors));
        if (count == 0) {
            SIGNET_CHECK(wait_for(socket, POLLOUT, deadline));
        }
        sent += count;
    }
    return {};
}

Result<std::size_t> receive_some(int socket, MessageBuffer& buffer,
                                 std::vector<FileDescriptor>& descriptors) {
    const auto space = buffer.space();
    iovec part{space.data(), space.size()};
    alignas(cmsghdr) DescriptorBuffer control;
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    ssize_t count = 0;
    do {
        count = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (count < 0 && errno == EINTR);
    if (count < 0 && errno == ECONNRESET) {
        // A peer that closed without reading everything has closed all the same.
        count = 0;
    }
    if (count < 0) {
        return errno_failure("recvmsg", {}, errno);
    }
    take_descriptors(header, descriptors);
    if ((header.msg_flags & MSG_CTRUNC) != 0 || descriptors.size() > max_descriptors) {
        descriptors.clear();
        return failure(ErrorCode::protocol, "recvmsg", "too many descriptors");
    }
    SIGNET_CHECK(buffer.received(static_cast<std::size_t>(count)));
    return static_cast<std::size_t>(count);
}

// A thread that sleeps in recvmsg() is woken as well when its peer has taken what was sent before; one that
// sleeps in poll() only by input. On the way of a call that is one wake-up for each hop instead of two.
Result<std::size_t> wait_and_receive(int socket, MessageBuffer& buffer,
                                     std::vector<FileDescriptor>& descriptors, Deadline deadline) {
    for (;;) {
        SIGNET_CHECK(wait_for(socket, POLLIN, deadline));
        auto received = receive_some(socket, buffer, descriptors);
        if (received || received.error().native_code != EAGAIN) {
            return received;
        }
    }
}

}  // namespace signet::ipc
