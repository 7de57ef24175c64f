#include "base/process.h"
#include "cli/agent.h"
#include "cli/declaration.h"
#include "cli/token_selection.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace signet::cli {
namespace {

struct Options {
    std::optional<std::string> token;
    std::optional<int> pin_descriptor;
};

Result<Secret> read_pin(int number) {
    if (isatty(number) == 1) {
        return failure(ErrorCode::invalid_parameter, "--pin-fd",
                       "--pin-fd would show the PIN on the terminal: leave it out, and the agent asks");
    }
    const FileDescriptor source(fcntl(number, F_DUPFD_CLOEXEC, 0));
    if (!source.valid()) {
        return failure(ErrorCode::invalid_parameter, "--pin-fd",
                       "--pin-fd " + std::to_string(number) + ": no such descriptor is open", errno);
    }
    return Secret::read_from(source);
}

Result<ExitStatus> unlock_token(const Options& options) {
    std::optional<Secret> pin;
    if (options.pin_descriptor) {
        harden_process();
        SIGNET_TRY(pin, read_pin(*options.pin_descriptor));
    }
    SIGNET_TRY(auto agent, Agent::connect());
    SIGNET_TRY(const auto inventory, agent.inventory());
    SIGNET_TRY(const auto* token, select_token(*inventory.tokens, options.token));
    SIGNET_CHECK(agent.unlock(token->id, pin));
    return ExitStatus::good;
}

}  // namespace

void declare_unlock(CLI::App& program, Action& chosen) {
    auto [command, options] = declare<Options>(
        program, "unlock", "Unlock a token; the agent asks for its PIN", chosen, unlock_token);
    command.add_option("token", options.token, "Identity, label or PKCS#11 URI of the token")
        ->type_name("TOKEN");
    command.add_option("--pin-fd", options.pin_descriptor, "Read the PIN from this file descriptor")
        ->type_name("N");
}

}  // namespace signet::cli
