#include "cli/completion.h"

namespace signet::cli {
namespace {

// In _arguments a colon ends a part and a bracket ends the description.
std::string zsh_escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '\'') {
            result += "'\\''";
            continue;
        }
        if (c == ':' || c == '[' || c == ']') {
            result += '\\';
        }
        result += c;
    }
    return result;
}

// What _arguments does for a value.
std::string zsh_action(const Values& values) {
    switch (values.kind) {
        case ValueKind::none:
            return {};
        case ValueKind::words:
            return "(" + values.words + ")";
        case ValueKind::file:
            return "_files";
        case ValueKind::folder:
            return "_files -/";
        case ValueKind::address:
            return "_signet_addresses";
        case ValueKind::token:
            return "_signet_tokens";
    }
    return {};
}

std::string zsh_value(CLI::Option& option) {
    return takes_value(option) ? ":" + option.get_type_name() + ":" + zsh_action(values_of(option)) : "";
}

// After a long option the value may follow a "=".
std::string zsh_option(CLI::Option& option, const std::string& name) {
    const std::string repeatable = option.get_expected_max() > 1 ? "*" : "";
    const std::string joint = takes_value(option) && name.starts_with("--") ? "=" : "";
    return "'" + repeatable + name + joint + "[" + zsh_escaped(option.get_description()) + "]" +
           zsh_value(option) + "'";
}

std::string zsh_arguments(CLI::App& command) {
    constexpr std::string_view next_line = " \\\n            ";
    std::string text;
    for (CLI::Option* option : options_of(command)) {
        for (const auto& name : names_of(*option)) {
            text += next_line;
            text += zsh_option(*option, name);
        }
    }
    for (CLI::Option* positional : positionals_of(command)) {
        text += next_line;
        text += (positional->get_expected_max() > 1 ? "'*" : "'1") + zsh_value(*positional) + "'";
    }
    return text;
}

// The values that `command` prints.
std::string zsh_function(const std::string& name, const std::string& command) {
    return name + "() {\n    compadd -- ${(f)\"$(" + command + ")\"}\n}\n";
}

// For the words after a command that has subcommands.
std::string zsh_subcommands(CLI::App& command) {
    std::string script = "    commands=(";
    for (CLI::App* subcommand : subcommands_of(command)) {
        script +=
            "\n        '" + subcommand->get_name() + ":" + zsh_escaped(subcommand->get_description()) + "'";
    }
    script +=
        ")\n"
        "    if ((CURRENT == 2)); then\n"
        "        _describe command commands\n"
        "        return\n"
        "    fi\n"
        "    chosen=$words[2]\n"
        "    shift words\n"
        "    ((CURRENT--))\n"
        "    case $chosen in\n";
    for (CLI::App* subcommand : subcommands_of(command)) {
        const bool has_more = !subcommands_of(*subcommand).empty();
        script +=
            "    " + subcommand->get_name() + ")\n" +
            (has_more ? zsh_subcommands(*subcommand) : "        _arguments" + zsh_arguments(*subcommand)) +
            " ;;\n";
    }
    return script + "    esac";
}

}  // namespace

std::string zsh_completion(CLI::App& program) {
    return "#compdef signet\n" + zsh_function("_signet_addresses", addresses_command("$_signet_program")) +
           zsh_function("_signet_tokens", tokens_command("$_signet_program")) +
           "_signet() {\n"
           "    local chosen _signet_program=${(Q)words[1]}\n"
           "    local -a commands\n" +
           zsh_subcommands(program) +
           "\n}\n"
           "_signet \"$@\"\n";
}

}  // namespace signet::cli
