#pragma once

#include "ssh/identities.h"
#include "ssh/message.h"
#include "ssh/message_stream.h"
#include "ssh/public_key.h"
#include "ssh/session_bindings.h"
#include "ssh/token_agent.h"

#include <sys/types.h>

#include <functional>
#include <memory>

namespace signet::ssh {

// restricted: from the socket for other machines.
enum class Access : std::uint8_t { full, restricted };

// One client of the SSH agent. A connection that a session-bind shows to be forwarded is restricted from then
// on: only keys that the settings list for that, each use confirmed by the person, no prompt for a PIN.
class Connection {
  public:
    using CurrentSettings = std::function<std::shared_ptr<const Settings>()>;

    Connection(FileDescriptor socket, pid_t client, Access access, CurrentSettings settings);

    // Until the client leaves, or breaks the protocol.
    void serve();

  private:
    Bytes answer(ByteView message);
    Result<Bytes> list() const;
    Result<Bytes> sign(ByteView contents) const;
    Bytes extension(ByteView contents);
    [[nodiscard]] Result<std::vector<Identity>> identities() const;
    [[nodiscard]] Result<Identity> identity(const PublicKey& key) const;
    [[nodiscard]] TokenAgent agent() const {
        return TokenAgent({.socket = m_stream.socket(), .forwarded = restricted()});
    }
    [[nodiscard]] bool restricted() const { return m_access == Access::restricted || m_bindings.forwarded(); }

    MessageStream m_stream;
    pid_t m_client;
    Access m_access;
    CurrentSettings m_settings;
    SessionBindings m_bindings;
};

}  // namespace signet::ssh
