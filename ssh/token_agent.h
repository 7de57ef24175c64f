#pragma once

#include "base/result.h"
#include "ipc/message.h"
#include "ipc/types.h"

#include <string>
#include <vector>

namespace signet::ssh {

// signet-agent, over a connection for each call: it may have been started anew in between. A call is given
// up, and its prompt withdrawn, with cancelled when `waiter`, the socket of who waits for the answer, is
// closed by its peer.
class TokenAgent {
  public:
    explicit TokenAgent(int waiter) : m_waiter(waiter) {}

    [[nodiscard]] Result<std::vector<ipc::Token>> tokens() const;
    [[nodiscard]] Result<Bytes> sign(const ipc::SignCall& call) const;

  private:
    [[nodiscard]] Result<ipc::Reply> call(std::string_view method, const std::string& parameters) const;

    int m_waiter;
};

}  // namespace signet::ssh
