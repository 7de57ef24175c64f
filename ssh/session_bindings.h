#pragma once

#include "base/result.h"
#include "ssh/signed_data.h"

#include <vector>

namespace signet::ssh {

// What session-bind@openssh.com (OpenSSH's PROTOCOL.agent) has said on one connection: for which SSH session
// it is used, and whether it was forwarded into it. Each hop of a forwarded connection adds its own; the last
// is where the person logs in.
class SessionBindings {
  public:
    // Longest way that is followed; OpenSSH's bound.
    static constexpr std::size_t max_bindings = 16;

    // The contents of the extension. not_allowed: it contradicts what was said before, or the host key has
    // not signed the session. After a failure nothing is bound or signed on this connection any more.
    Result<void> bind(ByteView contents);

    // Octets on this connection may come from another machine: a binding says so, or one has failed.
    [[nodiscard]] bool forwarded() const;
    // not_allowed: not for the session that this connection is bound to.
    [[nodiscard]] Result<void> check(const SignedData& data) const;

  private:
    struct Binding {
        Bytes host_key;  // as it was sent
        Bytes session_id;
        bool is_forwarding = false;
    };

    Result<void> add(ByteView contents);
    [[nodiscard]] Result<void> check_authentication(const UserAuthentication& request) const;

    std::vector<Binding> m_bindings;
    bool m_failed = false;
};

}  // namespace signet::ssh
