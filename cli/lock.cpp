#include "cli/agent.h"
#include "cli/declaration.h"
#include "cli/token_selection.h"

namespace signet::cli {
namespace {

struct LockArguments {
    std::optional<std::string> token;
};

Result<ExitStatus> lock_tokens(const LockArguments& options) {
    SIGNET_TRY(auto agent, Agent::connect());
    std::optional<std::string> token;
    if (options.token) {
        SIGNET_TRY(const auto inventory, agent.inventory());
        SIGNET_TRY(const auto* selected, select_token(inventory, options.token));
        token = selected->id;
    }
    SIGNET_CHECK(agent.lock(token));
    return ExitStatus::good;
}

}  // namespace

void declare_lock(CLI::App& program, Action& chosen) {
    auto [command, options] = declare<LockArguments>(
        program, "lock", "Forget the PIN of a token, or of all, and log it out", chosen, lock_tokens);
    command.add_option("token,--token", options.token, "Identity, label or PKCS#11 URI of the token")
        ->type_name("TOKEN");
}

}  // namespace signet::cli
