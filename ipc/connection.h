#pragma once

#include "ipc/event_loop.h"
#include "ipc/message.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace signet::ipc {

// One non-blocking Varlink connection in an event loop: whole messages in, whole messages out. Server and
// Channel are built on it.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    // `on_input` is called when at least one message is there, or nothing more will come (closed()).
    static std::shared_ptr<Connection> create(EventLoop& loop, FileDescriptor socket,
                                              std::size_t max_message_size, std::function<void()> on_input);

    // The next message, valid until consume().
    [[nodiscard]] std::optional<std::string_view> next() const { return m_buffer.next(); }
    // Descriptors that belong to the next message: all that came, when nothing is pipelined behind it.
    std::vector<FileDescriptor> take_descriptors();
    void consume() { m_buffer.consume(); }

    // Sends at once what the socket takes, the rest when it takes more. `text` is wiped after that.
    void send(std::string text, std::span<const int> descriptors = {});
    // True while earlier output waits for the peer to read.
    [[nodiscard]] bool sending() const { return !m_unsent.empty(); }

    // Why the connection is of no more use; nullopt while it is.
    [[nodiscard]] const std::optional<Error>& closed() const { return m_closed; }
    // Ends it; on_input is not called any more.
    void close();

  private:
    Connection(EventLoop& loop, FileDescriptor socket, std::size_t max_message_size,
               std::function<void()> on_input);

    void wait();
    void receive();
    void send_rest();
    void fail(Error error);

    EventLoop& m_loop;
    std::unique_ptr<ReadWatch> m_watch;
    MessageBuffer m_buffer;
    std::vector<FileDescriptor> m_descriptors;
    std::string m_unsent;
    std::size_t m_unsent_from = 0;
    std::function<void()> m_on_input;
    std::optional<Error> m_closed;
};

}  // namespace signet::ipc
