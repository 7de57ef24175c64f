#include "ssh/session_bindings.h"

#include "ssh/public_key.h"
#include "ssh/signature.h"

#include <algorithm>

namespace signet::ssh {
namespace {

Failure refused(std::string why) {
    return failure(ErrorCode::not_allowed, "session-bind", std::move(why));
}

bool equal(ByteView a, ByteView b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

Result<void> SessionBindings::bind(ByteView contents) {
    if (m_failed) {
        return refused("an earlier binding failed");
    }
    auto added = add(contents);
    m_failed = !added;
    return added;
}

Result<void> SessionBindings::add(ByteView contents) {
    WireReader reader(contents);
    const ByteView host_key = reader.string();
    const ByteView session_id = reader.string();
    const ByteView signature = reader.string();
    const bool is_forwarding = reader.boolean();
    if (!reader.complete() || session_id.empty() || session_id.size() > max_session_id_size) {
        return failure(ErrorCode::malformed, "session-bind");
    }
    SIGNET_TRY(const auto key, parse_public_key(host_key));
    if (!verifies(key, session_id, signature)) {
        return refused("the host key has not signed the session");
    }
    if (!m_bindings.empty() && !m_bindings.back().is_forwarding) {
        return refused("the connection is bound to an authentication already");
    }
    const auto known =
        std::find_if(m_bindings.begin(), m_bindings.end(),
                     [session_id](const Binding& binding) { return equal(binding.session_id, session_id); });
    if (known != m_bindings.end()) {
        return equal(known->host_key, host_key) ? Result<void>()
                                                : refused("another host key for the session");
    }
    if (m_bindings.size() == max_bindings) {
        return refused("too many sessions");
    }
    m_bindings.push_back({.host_key = {host_key.begin(), host_key.end()},
                          .session_id = {session_id.begin(), session_id.end()},
                          .is_forwarding = is_forwarding});
    return {};
}

bool SessionBindings::forwarded() const {
    return m_failed || std::any_of(m_bindings.begin(), m_bindings.end(),
                                   [](const Binding& binding) { return binding.is_forwarding; });
}

Result<void> SessionBindings::check(const SignedData& data) const {
    if (m_failed) {
        return refused("a binding failed");
    }
    if (m_bindings.empty()) {
        return {};
    }
    if (const auto* request = std::get_if<UserAuthentication>(&data)) {
        return check_authentication(*request);
    }
    return m_bindings.back().is_forwarding ? Result<void>()
                                           : refused("the connection is bound to an authentication");
}

Result<void> SessionBindings::check_authentication(const UserAuthentication& request) const {
    const Binding& last = m_bindings.back();
    if (last.is_forwarding || !equal(last.session_id, request.session_id)) {
        return refused("an authentication for a session that the connection is not bound to");
    }
    if (request.host_key && !equal(*request.host_key, last.host_key)) {
        return refused("an authentication to another host key");
    }
    return {};
}

}  // namespace signet::ssh
