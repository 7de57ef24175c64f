#include "agent/permission.h"

#include <unistd.h>

#include <array>

namespace signet::agent {
namespace {

// administrator: the same user, unless the configuration denies it.
enum class Callers { same_user, administrator };

struct Row {
    std::string_view name;
    Method method;
    Callers callers;
};

constexpr std::array<Row, 25> table{{
    {"org.signet.agent.GetInventory", Method::get_inventory, Callers::same_user},
    {"org.signet.agent.GetAbsentTokens", Method::get_absent_tokens, Callers::same_user},
    {"org.signet.agent.Watch", Method::watch, Callers::same_user},
    {"org.signet.agent.Sign", Method::sign, Callers::same_user},
    {"org.signet.agent.Decrypt", Method::decrypt, Callers::same_user},
    {"org.signet.agent.Derive", Method::derive, Callers::same_user},
    {"org.signet.agent.Unlock", Method::unlock, Callers::same_user},
    {"org.signet.agent.Lock", Method::lock, Callers::same_user},
    {"org.signet.admin.Show", Method::administer, Callers::administrator},
    {"org.signet.admin.ChangePin", Method::administer, Callers::administrator},
    {"org.signet.admin.UnblockPin", Method::administer, Callers::administrator},
    {"org.signet.admin.SetManagementKey", Method::administer, Callers::administrator},
    {"org.signet.admin.ProtectManagementKey", Method::administer, Callers::administrator},
    {"org.signet.admin.SetRetries", Method::administer, Callers::administrator},
    {"org.signet.admin.GenerateKey", Method::administer, Callers::administrator},
    {"org.signet.admin.ImportKey", Method::administer, Callers::administrator},
    {"org.signet.admin.StoreCertificate", Method::administer, Callers::administrator},
    {"org.signet.admin.DeleteCertificate", Method::administer, Callers::administrator},
    {"org.signet.admin.MoveKey", Method::administer, Callers::administrator},
    {"org.signet.admin.DeleteKey", Method::administer, Callers::administrator},
    {"org.signet.admin.Attest", Method::administer, Callers::administrator},
    {"org.signet.admin.GetObject", Method::administer, Callers::administrator},
    {"org.signet.admin.PutObject", Method::administer, Callers::administrator},
    {"org.signet.admin.Personalize", Method::administer, Callers::administrator},
    {"org.signet.admin.Reset", Method::administer, Callers::administrator},
}};

std::string_view refusal(Callers callers, const ipc::Peer& peer, const Rights& rights) {
    if (peer.uid != geteuid()) {
        return "not for this caller";
    }
    if (callers == Callers::administrator && !rights.administration) {
        return "administration is false in [agent] of signet.toml";
    }
    return {};
}

}  // namespace

std::optional<Permission> permission(std::string_view method, const ipc::Peer& peer, const Rights& rights) {
    for (const Row& row : table) {
        if (row.name == method) {
            return Permission{.method = row.method, .refusal = refusal(row.callers, peer, rights)};
        }
    }
    return std::nullopt;
}

}  // namespace signet::agent
