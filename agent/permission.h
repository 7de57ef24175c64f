#pragma once

#include "ipc/server.h"

#include <optional>
#include <string_view>

namespace signet::agent {

enum class Method { get_inventory, watch, sign, decrypt, derive, unlock, lock };

// Who may call what, for every method there is. nullopt: no such method. false: known, but not for this peer.
struct Permission {
    Method method;
    bool allowed;
};
std::optional<Permission> permission(std::string_view method, const ipc::Peer& peer);

}  // namespace signet::agent
