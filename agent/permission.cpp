#include "agent/permission.h"

#include <unistd.h>

#include <array>

namespace signet::agent {
namespace {

enum class Callers { same_user };

struct Row {
    std::string_view name;
    Method method;
    Callers callers;
};

constexpr std::array<Row, 7> table{{
    {"org.signet.agent.GetInventory", Method::get_inventory, Callers::same_user},
    {"org.signet.agent.Watch", Method::watch, Callers::same_user},
    {"org.signet.agent.Sign", Method::sign, Callers::same_user},
    {"org.signet.agent.Decrypt", Method::decrypt, Callers::same_user},
    {"org.signet.agent.Derive", Method::derive, Callers::same_user},
    {"org.signet.agent.Unlock", Method::unlock, Callers::same_user},
    {"org.signet.agent.Lock", Method::lock, Callers::same_user},
}};

bool may_call(Callers callers, const ipc::Peer& peer) {
    switch (callers) {
        case Callers::same_user:
            return peer.uid == geteuid();
    }
    return false;
}

}  // namespace

std::optional<Permission> permission(std::string_view method, const ipc::Peer& peer) {
    for (const Row& row : table) {
        if (row.name == method) {
            return Permission{.method = row.method, .allowed = may_call(row.callers, peer)};
        }
    }
    return std::nullopt;
}

}  // namespace signet::agent
