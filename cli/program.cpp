#include "cli/program.h"

#include "cli/messages.h"
#include "cli/openssl_start.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace signet::cli {
namespace {

constexpr const char* description = "Sign, verify, encrypt and decrypt mail with the keys on your tokens.";
constexpr const char* footer =
    "Exit status: 0 good, 1 the answer is no, 2 the call was wrong, 3 it could not be done.\n"
    "'signet COMMAND --help' shows the options of one command; signet(1) explains them.";

struct Subcommand {
    std::string_view name;
    void (*declare)(CLI::App& program, Action& chosen);
    bool works_on_mail = false;
};

// In the order of the help.
constexpr std::array subcommands{
    Subcommand{"tokens", declare_tokens},         Subcommand{"keys", declare_keys},
    Subcommand{"sign", declare_sign, true},       Subcommand{"verify", declare_verify, true},
    Subcommand{"read", declare_read, true},       Subcommand{"encrypt", declare_encrypt, true},
    Subcommand{"decrypt", declare_decrypt, true}, Subcommand{"sendmail", declare_sendmail},
    Subcommand{"unlock", declare_unlock},         Subcommand{"lock", declare_lock},
    Subcommand{"token", declare_token},           Subcommand{"watch", declare_watch},
    Subcommand{"setup", declare_setup},           Subcommand{"doctor", declare_doctor},
    Subcommand{"completion", declare_completion}};

// The one that the command line names; completion needs them all.
std::string_view subcommand_of(int argument_count, const char* const* arguments) {
    const std::string_view first = argument_count > 1 ? arguments[1] : "";
    return first == "completion" ? std::string_view() : first;
}

// Null for a name that no subcommand has.
const Subcommand* find(std::string_view name) {
    const auto* found = std::find_if(subcommands.begin(), subcommands.end(),
                                     [name](const Subcommand& each) { return each.name == name; });
    return found == subcommands.end() ? nullptr : found;
}

// CLI11 says of an unknown command only that a subcommand is required; that an option is, it names.
std::string explanation(const CLI::ParseError& error, int argument_count, const char* const* arguments) {
    const bool no_command = std::string_view(error.what()) == "A subcommand is required";
    std::string given;
    for (int i = 1; no_command && i < argument_count && *arguments[i] != '-'; ++i) {
        given += (given.empty() ? "" : " ") + std::string(arguments[i]);
    }
    return given.empty() ? error.what() : "unknown or incomplete command: " + given;
}

}  // namespace

std::unique_ptr<CLI::App> make_program(Action& chosen, std::string_view subcommand) {
    auto program = std::make_unique<CLI::App>(description, "signet");
    program->require_subcommand(1);
    program->set_help_flag("--help,-h", "Show this help");
    program->set_version_flag("--version", "signet " SIGNET_VERSION, "Show the version");
    program->get_formatter()->column_width(32);
    const Subcommand* named = find(subcommand);
    for (const Subcommand& each : subcommands) {
        if (named == nullptr || named == &each) {
            each.declare(*program, chosen);
        }
    }
    // Set last: subcommands inherit it.
    program->footer(footer);
    return program;
}

ExitStatus run(int argument_count, const char* const* arguments) {
    const std::string_view name = subcommand_of(argument_count, arguments);
    const Subcommand* named = find(name);
    std::optional<OpensslStart> openssl;
    if (named != nullptr && named->works_on_mail) {
        openssl.emplace();
    }
    Action chosen;
    const auto program = make_program(chosen, name);
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
