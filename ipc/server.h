#pragma once

#include "ipc/event_loop.h"
#include "ipc/message.h"

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signet::ipc {

// Who is at the other end, from SO_PEERCRED.
struct Peer {
    pid_t pid = 0;
    uid_t uid = 0;
};

class ServerConnection;

// One call that waits for its answer. Answer it once with reply() or fail(); dropping it unanswered closes
// the connection.
class PendingCall {
  public:
    PendingCall(std::weak_ptr<ServerConnection> connection, Call call, Peer peer,
                std::vector<FileDescriptor> descriptors);
    ~PendingCall();
    PendingCall(const PendingCall&) = delete;
    PendingCall& operator=(const PendingCall&) = delete;

    [[nodiscard]] const Call& call() const { return m_call; }
    [[nodiscard]] Peer peer() const { return m_peer; }
    // Descriptors that came with the call. Those left here close with it.
    [[nodiscard]] std::vector<FileDescriptor>& descriptors() { return m_descriptors; }

    // `parameters` is an encoded JSON object, and is wiped.
    void reply(std::string parameters);
    // One of several answers to a call with "more".
    void reply_more(std::string_view parameters);
    void fail(const Error& error);

    // The caller has closed its connection.
    [[nodiscard]] bool abandoned() const { return m_abandoned; }
    // Called when the caller closes its connection before the answer, and at once when it has. One handler;
    // nullptr takes it back.
    void on_abandoned(std::function<void()> handler);

  private:
    friend class ServerConnection;
    void abandon();
    void answer(std::string message);

    std::weak_ptr<ServerConnection> m_connection;
    Call m_call;
    Peer m_peer;
    std::vector<FileDescriptor> m_descriptors;
    std::function<void()> m_on_abandoned;
    bool m_answered = false;
    bool m_abandoned = false;
};
using CallPointer = std::shared_ptr<PendingCall>;

struct ServerOptions {
    std::vector<std::string_view> interfaces;
    std::string_view product;
    // Further connections wait in the kernel's queue until one ends.
    std::size_t max_connections = 4096;
    // Asked before each accept; false leaves the connection in the queue of the listening socket and
    // stops accepting for good.
    std::function<bool()> may_accept;
};

// Accepts connections of this user and hands their calls over, one at a time for each connection.
// org.varlink.service is answered here.
class Server {
  public:
    Server(EventLoop& loop, FileDescriptor listening, ServerOptions options,
           std::function<void(CallPointer)> handler);
    // Serves these connections and accepts none. `all_closed` is called when the last one has ended.
    Server(EventLoop& loop, std::vector<FileDescriptor> connected, ServerOptions options,
           std::function<void(CallPointer)> handler, std::function<void()> all_closed);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] std::size_t connections() const;

    struct Core;

  private:
    std::shared_ptr<Core> m_core;
};

}  // namespace signet::ipc
