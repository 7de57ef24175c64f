#pragma once

#include "ipc/server.h"

#include <optional>
#include <string_view>

namespace signet::agent {

enum class Method {
    get_inventory,
    get_absent_tokens,
    watch,
    sign,
    decrypt,
    derive,
    unlock,
    lock,
    administer
};

// What the configuration leaves to the user's programs.
struct Rights {
    bool administration = true;
};

struct Permission {
    Method method;
    std::string_view refusal;  // why this peer may not call it; empty: it may

    [[nodiscard]] bool allowed() const { return refusal.empty(); }
};

// Who may call what, for every method there is. nullopt: no such method.
std::optional<Permission> permission(std::string_view method, const ipc::Peer& peer, const Rights& rights);

}  // namespace signet::agent
