#include "cli/token_command.h"

namespace signet::cli {

void declare_token(CLI::App& program, Action& chosen) {
    CLI::App* token = program.add_subcommand("token", "Administer a token: its PINs, keys and certificates");
    token->require_subcommand(1);
    declare_token_show(*token, chosen);
    declare_token_pins(*token, chosen);
    declare_token_keys(*token, chosen);
    declare_token_request(*token, chosen);
    declare_token_certificates(*token, chosen);
    declare_token_objects(*token, chosen);
}

}  // namespace signet::cli
