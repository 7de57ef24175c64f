#pragma once

#include "base/file_descriptor.h"
#include "ipc/message.h"

#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

// Messages and descriptors over a Unix stream socket, with blocking calls: what clients and token hosts use.
namespace signet::ipc {

using Deadline = std::optional<std::chrono::steady_clock::time_point>;

// Sends `text` and a NUL, with `descriptors` on the first octets. A peer that is gone is
// agent_unavailable, a deadline that passed is timeout. Never raises SIGPIPE.
Result<void> send_message(int socket, std::string_view text, std::span<const int> descriptors,
                          Deadline deadline);

// Sends what the socket takes at once of `text` and its NUL, from octet `from` on; `descriptors` go with
// octet 0. Returns how many octets went, 0 when the socket is full. A peer that is gone is agent_unavailable.
Result<std::size_t> send_some(int socket, std::string_view text, std::size_t from,
                              std::span<const int> descriptors);

// Takes what is there into `buffer`, without waiting; received descriptors are appended to `descriptors` and
// close on exec. More than max_descriptors at once is ErrorCode::protocol, nothing there is EAGAIN. The count
// is 0 at the end of the stream.
Result<std::size_t> receive_some(int socket, MessageBuffer& buffer, std::vector<FileDescriptor>& descriptors);

// As receive_some(), but waits until something is there, or until the deadline (timeout).
Result<std::size_t> wait_and_receive(int socket, MessageBuffer& buffer,
                                     std::vector<FileDescriptor>& descriptors, Deadline deadline);

}  // namespace signet::ipc
