#include "cli/program.h"

#include "cli/messages.h"

#include <CLI/CLI.hpp>

namespace signet::cli {
namespace {

constexpr const char* description = "Sign, verify, encrypt and decrypt mail with the keys on your tokens.";
constexpr const char* footer =
    "Exit status: 0 good, 1 the answer is no, 2 the call was wrong, 3 it could not be done.\n"
    "'signet COMMAND --help' shows the options of one command; signet(1) explains them.";

// CLI11 says of an unknown command only that a subcommand is required.
std::string explanation(const CLI::ParseError& error, int argument_count, const char* const* arguments) {
    const bool no_command = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError);
    std::string given;
    for (int i = 1; no_command && i < argument_count && *arguments[i] != '-'; ++i) {
        given += (given.empty() ? "" : " ") + std::string(arguments[i]);
    }
    return given.empty() ? error.what() : "unknown or incomplete command: " + given;
}

}  // namespace

std::unique_ptr<CLI::App> make_program(Action& chosen) {
    auto program = std::make_unique<CLI::App>(description, "signet");
    program->require_subcommand(1);
    program->set_help_flag("--help,-h", "Show this help");
    program->set_version_flag("--version", "signet " SIGNET_VERSION, "Show the version");
    program->get_formatter()->column_width(32);
    declare_tokens(*program, chosen);
    declare_keys(*program, chosen);
    declare_sign(*program, chosen);
    declare_verify(*program, chosen);
    declare_read(*program, chosen);
    declare_encrypt(*program, chosen);
    declare_decrypt(*program, chosen);
    declare_sendmail(*program, chosen);
    declare_unlock(*program, chosen);
    declare_lock(*program, chosen);
    declare_token(*program, chosen);
    declare_watch(*program, chosen);
    declare_setup(*program, chosen);
    declare_doctor(*program, chosen);
    declare_completion(*program, chosen);
    // Set last: subcommands inherit it.
    program->footer(footer);
    return program;
}

ExitStatus run(int argument_count, const char* const* arguments) {
    Action chosen;
    const auto program = make_program(chosen);
    try {
        program->parse(argument_count, arguments);
    } catch (const CLI::ParseError& error) {
        // What CLI11 throws for --help and --version is an answer, not an error.
        if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
            program->exit(error);
            return ExitStatus::good;
        }
        return report(Error{.code = ErrorCode::invalid_parameter,
                            .operation = "arguments",
                            .detail = explanation(error, argument_count, arguments)});
    }
    try {
        const auto status = chosen();
        return status ? *status : report(status.error());
    } catch (const std::exception& error) {
        return report(Error{.code = ErrorCode::input_output, .operation = "go on:", .detail = error.what()});
    }
}

}  // namespace signet::cli
