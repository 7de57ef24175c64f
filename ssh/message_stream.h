#pragma once

#include "base/bytes.h"
#include "base/file_descriptor.h"

#include <chrono>
#include <optional>

namespace signet::ssh {

// Messages over a socket, with blocking calls. A peer may be silent between two messages for as long as it
// likes, but not within one, and it must take its answers.
class MessageStream {
  public:
    static constexpr std::chrono::seconds message_deadline{30};

    explicit MessageStream(FileDescriptor socket, std::chrono::milliseconds deadline = message_deadline)
        : m_socket(std::move(socket)), m_deadline(deadline) {}

    // Without its length; nothing at the end. protocol: an empty one; too_large: above max_message_size;
    // timeout: it was not finished in time.
    Result<std::optional<Bytes>> next();
    // With its length.
    Result<void> send(ByteView message);

    [[nodiscard]] int socket() const { return m_socket.get(); }

  private:
    using Deadline = std::chrono::steady_clock::time_point;

    Result<bool> fill(std::span<std::uint8_t> octets, std::optional<Deadline>& deadline);
    Result<void> wait(short events, std::optional<Deadline> deadline) const;

    FileDescriptor m_socket;
    std::chrono::milliseconds m_deadline;
};

}  // namespace signet::ssh
