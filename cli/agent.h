#pragma once

#include "base/secret.h"
#include "ipc/admin_types.h"
#include "ipc/client.h"
#include "ipc/types.h"

#include <optional>
#include <string>
#include <vector>

namespace signet::cli {

// A descriptor that an administrative call takes along.
struct PassedDescriptor {
    ipc::AdminSecret name;
    FileDescriptor source;
};

// The agent of this user, over one connection.
class Agent {
  public:
    static Result<Agent> connect();

    // The tokens are always there.
    Result<ipc::Inventory> inventory();
    // The same in two steps: what is done in between, while modules and cards are read, costs no time.
    // Nothing else can be asked then.
    Result<void> request_inventory();
    Result<ipc::Inventory> requested_inventory();
    // Tokens that were here and are not, with their keys that decrypt.
    Result<ipc::Inventory> absent_tokens();
    // Without a PIN the agent asks for it, on this process's terminal or display.
    Result<void> unlock(const std::string& token, const std::optional<Secret>& pin);
    // All tokens without one.
    Result<void> lock(const std::optional<std::string>& token);

    // Without environment in the calls: it is that of this process.
    // Without a PIN the agent asks for it where it has to.
    Result<Bytes> sign(ipc::SignCall call, const std::optional<Secret>& pin);
    Result<ipc::AdminReply> administer(ipc::AdminCall call, const std::vector<PassedDescriptor>& passed = {});

    // The first answer of next_change() comes at once and holds no change.
    Result<void> watch();
    Result<ipc::WatchReply> next_change();
    // To end a next_change() from another thread by shutdown(2).
    [[nodiscard]] int socket() const { return m_client.socket(); }

  private:
    explicit Agent(ipc::Client client) : m_client(std::move(client)) {}

    ipc::Client m_client;
};

}  // namespace signet::cli
