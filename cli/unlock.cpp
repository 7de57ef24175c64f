#include "cli/agent.h"
#include "cli/declaration.h"
#include "cli/secret_input.h"
#include "cli/token_selection.h"

namespace signet::cli {
namespace {

struct UnlockArguments {
    std::optional<std::string> token;
    std::optional<int> pin_descriptor;
};

Result<ExitStatus> unlock_token(const UnlockArguments& options) {
    std::optional<Secret> pin;
    if (options.pin_descriptor) {
        SIGNET_TRY(pin, read_secret(*options.pin_descriptor, "--pin-fd"));
    }
    SIGNET_TRY(auto agent, Agent::connect());
    SIGNET_TRY(const auto inventory, agent.inventory());
    SIGNET_TRY(const auto* token, select_token(inventory, options.token));
    SIGNET_CHECK(agent.unlock(token->id, pin));
    return ExitStatus::good;
}

}  // namespace

void declare_unlock(CLI::App& program, Action& chosen) {
    auto [command, options] = declare<UnlockArguments>(
        program, "unlock", "Unlock a token; the agent asks for its PIN", chosen, unlock_token);
    command.add_option("token,--token", options.token, "Identity, label or PKCS#11 URI of the token")
        ->type_name("TOKEN");
    command.add_option("--pin-fd", options.pin_descriptor, "Read the PIN from this file descriptor")
        ->type_name("N");
}

}  // namespace signet::cli
