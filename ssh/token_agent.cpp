#include "ssh/token_agent.h"

#include "base/directories.h"
#include "ipc/client.h"
#include "ipc/codec.h"

#include <poll.h>

#include <array>
#include <cerrno>

namespace signet::ssh {
namespace {

// Until the agent answers, or nobody waits for it any more.
Result<void> wait_for_answer(int agent, const Waiter& waiter) {
    // That both halves are closed is told unasked.
    const short departure = waiter.forwarded ? POLLRDHUP : 0;
    std::array<pollfd, 2> sockets{{{.fd = agent, .events = POLLIN, .revents = 0},
                                   {.fd = waiter.socket, .events = departure, .revents = 0}}};
    while (poll(sockets.data(), sockets.size(), -1) < 0) {
        if (errno != EINTR) {
            return errno_failure("poll", {}, errno);
        }
    }
    if (sockets[1].revents != 0) {
        return failure(ErrorCode::cancelled, "call", "the client has gone");
    }
    return {};
}

}  // namespace

Result<ipc::Reply> TokenAgent::call(std::string_view method, const std::string& parameters) const {
    SIGNET_TRY(const auto path, agent_socket_path());
    SIGNET_TRY(auto client, ipc::Client::connect(path.string()));
    SIGNET_CHECK(client.send(std::string(ipc::agent_interface) + "." + std::string(method), parameters));
    SIGNET_CHECK(wait_for_answer(client.socket(), m_waiter));
    return client.next_reply();
}

Result<std::vector<ipc::Token>> TokenAgent::tokens() const {
    SIGNET_TRY(const auto reply, call("GetInventory", ipc::encode_known_generation({})));
    SIGNET_TRY(auto inventory, ipc::decode_inventory(reply.parameters));
    if (!inventory.tokens) {
        return failure(ErrorCode::protocol, "GetInventory", "no list of tokens");
    }
    return std::move(*inventory.tokens);
}

Result<Bytes> TokenAgent::sign(const ipc::SignCall& call) const {
    SIGNET_TRY(const auto reply, this->call("Sign", ipc::encode(call)));
    return ipc::decode_octets(reply.parameters, "signature");
}

}  // namespace signet::ssh
