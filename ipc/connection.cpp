#include "ipc/connection.h"

#include "base/bytes.h"
#include "ipc/socket.h"

#include <cerrno>
#include <utility>

namespace signet::ipc {
namespace {

// Output that may wait for a peer to read: one reply of the largest size, and as much of "more" replies.
constexpr std::size_t max_unsent = 2 * max_reply_size;

}  // namespace

std::shared_ptr<Connection> Connection::create(EventLoop& loop, FileDescriptor socket,
                                               std::size_t max_message_size, std::function<void()> on_input) {
    std::shared_ptr<Connection> connection(
        new Connection(loop, std::move(socket), max_message_size, std::move(on_input)));
    connection->wait();
    return connection;
}

Connection::Connection(EventLoop& loop, FileDescriptor socket, std::size_t max_message_size,
                       std::function<void()> on_input)
    : m_loop(loop),
      m_watch(std::make_unique<ReadWatch>(loop, std::move(socket))),
      m_buffer(max_message_size),
      m_on_input(std::move(on_input)) {}

std::vector<FileDescriptor> Connection::take_descriptors() {
    return m_buffer.next_is_last() ? std::exchange(m_descriptors, {}) : std::vector<FileDescriptor>();
}

void Connection::wait() {
    m_watch->wait([weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->receive();
        }
    });
}

void Connection::receive() {
    if (m_closed) {
        return;
    }
    const bool had_message = m_buffer.next().has_value();
    auto received = receive_some(m_watch->descriptor(), m_buffer, m_descriptors);
    if (!received && received.error().native_code == EAGAIN) {
        wait();
        return;
    }
    if (!received) {
        fail(std::move(received).error());
        return;
    }
    if (*received == 0) {
        fail({.code = ErrorCode::agent_unavailable, .operation = "receive", .detail = "connection closed"});
        return;
    }
    const auto self = shared_from_this();
    if (!had_message && m_buffer.next()) {
        m_on_input();
    }
    if (!m_closed) {
        wait();
    }
}

void Connection::send(std::string text, std::span<const int> descriptors) {
    if (m_closed) {
        wipe(text);
        return;
    }
    if (m_unsent.size() + text.size() > max_unsent) {
        wipe(text);
        fail({.code = ErrorCode::too_large, .operation = "send", .detail = "the peer does not read"});
        return;
    }
    if (!m_unsent.empty()) {
        m_unsent += text;
        m_unsent += '\0';
        wipe(text);
        return;
    }
    auto sent = send_some(m_watch->descriptor(), text, 0, descriptors);
    if (!sent) {
        wipe(text);
        fail(std::move(sent).error());
        return;
    }
    if (*sent <= text.size()) {
        m_unsent = std::move(text);
        m_unsent += '\0';
        m_unsent_from = *sent;
        send_rest();
        return;
    }
    wipe(text);
}

void Connection::send_rest() {
    m_watch->wait_writable([weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self || self->m_closed) {
            return;
        }
        const std::string_view text(self->m_unsent.data(), self->m_unsent.size() - 1);
        auto sent = send_some(self->m_watch->descriptor(), text, self->m_unsent_from, {});
        if (!sent) {
            self->fail(std::move(sent).error());
            return;
        }
        self->m_unsent_from += *sent;
        if (self->m_unsent_from < self->m_unsent.size()) {
            self->send_rest();
            return;
        }
        wipe(self->m_unsent);
        self->m_unsent_from = 0;
        self->m_on_input();
    });
}

void Connection::fail(Error error) {
    if (m_closed) {
        return;
    }
    m_closed = std::move(error);
    wipe(m_unsent);
    // From the loop, so that whoever is sending right now is not called from inside.
    m_loop.post([weak = weak_from_this()] {
        if (const auto self = weak.lock(); self && self->m_on_input) {
            self->m_on_input();
        }
    });
}

void Connection::close() {
    if (!m_closed) {
        m_closed = Error{.code = ErrorCode::cancelled, .operation = "close", .detail = {}};
    }
    m_on_input = nullptr;
    m_watch.reset();
}

}  // namespace signet::ipc
