#include "cli/completion.h"

#include "cli/declaration.h"
#include "cli/output.h"

#include <map>

namespace signet::cli {
namespace {

const std::map<std::string, ValueKind> kinds_of_types{{"FILE", ValueKind::file},
                                                      {"FOLDER", ValueKind::folder},
                                                      {"ADDRESS", ValueKind::address},
                                                      {"KEY", ValueKind::address},
                                                      {"TOKEN", ValueKind::token}};

// Those of one_of().
std::string choices_of(CLI::Option& option) {
    try {
        return option.get_validator(0)->get_name();
    } catch (const CLI::OptionNotFound&) {
        return {};  // CLI11's word for an option without checks
    }
}

}  // namespace

Values values_of(CLI::Option& option) {
    const std::string type = option.get_type_name();
    if (const auto kind = kinds_of_types.find(type); kind != kinds_of_types.end()) {
        return {.kind = kind->second, .words = {}};
    }
    auto words = type == "SLOT" ? "9a 9c 9d 9e" : choices_of(option);
    return {.kind = words.empty() ? ValueKind::none : ValueKind::words, .words = std::move(words)};
}

std::vector<std::string> names_of(const CLI::Option& option) {
    std::vector<std::string> names;
    for (const auto& name : option.get_snames()) {
        names.push_back("-" + name);
    }
    for (const auto& name : option.get_lnames()) {
        names.push_back("--" + name);
    }
    return names;
}

bool takes_value(const CLI::Option& option) {
    return !option.get_type_name().empty();
}

std::vector<CLI::Option*> options_of(CLI::App& command) {
    return command.get_options([](const CLI::Option*) { return true; });
}

std::vector<CLI::Option*> positionals_of(CLI::App& command) {
    return command.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

std::vector<CLI::App*> subcommands_of(CLI::App& command) {
    return command.get_subcommands([](const CLI::App*) { return true; });
}

std::string addresses_command(std::string_view program) {
    return std::string(program) + " keys 2>/dev/null | grep -oE '[[:alnum:]._%+-]+@[[:alnum:].-]+' | sort -u";
}

std::string tokens_command(std::string_view program) {
    return std::string(program) +
           R"( tokens --json 2>/dev/null | grep -oE '"id":"[[:alnum:]._:-]+"' | cut -d '"' -f 4)";
}

void declare_completion(CLI::App& program, Action& chosen) {
    auto shell = std::make_shared<std::string>();
    CLI::App* command = program.add_subcommand("completion", "Print the completion script for a shell");
    command->add_option("shell", *shell, "bash or zsh")
        ->required()
        ->type_name("SHELL")
        ->check(one_of({"bash", "zsh"}));
    command->callback([&program, &chosen, shell] {
        chosen = [&program, shell]() -> Result<ExitStatus> {
            SIGNET_CHECK(
                write_output("-", *shell == "bash" ? bash_completion(program) : zsh_completion(program)));
            return ExitStatus::good;
        };
    });
}

}  // namespace signet::cli
