#pragma once

#include "base/file_descriptor.h"
#include "ipc/message.h"
#include "ipc/socket.h"

#include <string>
#include <string_view>

namespace signet::ipc {

// A blocking Varlink connection. Not safe for two threads at once: open one per concurrent call.
class Client {
  public:
    // Nobody listening, no such socket, or a socket of another user is agent_unavailable.
    static Result<Client> connect(const std::string& socket_path);
    // Over a socket that is connected already (tests, token hosts).
    explicit Client(FileDescriptor socket);

    // One call and its answer. `parameters` is an encoded JSON object. After an error of the connection
    // (agent_unavailable, timeout, protocol, too_large, input_output) usable() is false and the client is to
    // be thrown away; an error that the other side answered leaves it usable.
    Result<Reply> call(std::string_view method, std::string_view parameters,
                       std::span<const int> descriptors = {}, Deadline deadline = {});

    // Sends a call whose answer next_reply() gives: for callers that watch something else meanwhile.
    Result<void> send(std::string_view method, std::string_view parameters);
    // Sends a call with "more"; next_reply() then gives each of the answers.
    Result<void> call_more(std::string_view method, std::string_view parameters);
    Result<Reply> next_reply(Deadline deadline = {});

    [[nodiscard]] bool usable() const { return !m_failed; }
    // Stays open until the client goes, also when it is of no more use.
    [[nodiscard]] int socket() const { return m_socket.get(); }

  private:
    Result<void> send_text(const std::string& text);
    void give_up();

    FileDescriptor m_socket;
    MessageBuffer m_buffer{max_reply_size};
    bool m_failed = false;
};

}  // namespace signet::ipc
