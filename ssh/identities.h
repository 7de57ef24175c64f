#pragma once

#include "ipc/types.h"
#include "ssh/settings.h"

#include <string>
#include <vector>

namespace signet::ssh {

// A key on a token that may authenticate its person.
struct Identity {
    Bytes blob;  // public key, RFC 4253 section 6.6
    std::string comment;
    std::string token;  // its identity, as the agent knows it
    std::string key;
    bool confirm = false;      // each use
    bool forwardable = false;  // may be used from other machines
};

// Those of the tokens that are unlocked come first. A key that several tokens have comes once. A key is one
// when a certificate for it permits_authentication(), or when it has none and can only sign, or is in the
// slot of a PIV card that is for authentication; never with a PIN for each use. Those that the settings add
// come in any case, as far as SSH has such keys.
std::vector<Identity> find_identities(const std::vector<ipc::Token>& tokens, const Settings& settings);

}  // namespace signet::ssh
