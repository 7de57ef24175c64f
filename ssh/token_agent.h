#pragma once

#include "base/result.h"
#include "ipc/message.h"
#include "ipc/types.h"

#include <string>
#include <vector>

namespace signet::ssh {

// Who waits for an answer, at the other end of this socket. One that an ssh forwards seems to close its
// sending half alone when the client on the other machine has gone.
struct Waiter {
    int socket = -1;
    bool forwarded = false;
};

// signet-agent, over a connection for each call: it may have been started anew in between. A call is given
// up, and its prompt withdrawn, with cancelled when the waiter has gone.
class TokenAgent {
  public:
    explicit TokenAgent(Waiter waiter) : m_waiter(waiter) {}

    [[nodiscard]] Result<std::vector<ipc::Token>> tokens() const;
    [[nodiscard]] Result<Bytes> sign(const ipc::SignCall& call) const;

  private:
    [[nodiscard]] Result<ipc::Reply> call(std::string_view method, const std::string& parameters) const;

    Waiter m_waiter;
};

}  // namespace signet::ssh
