#include "cli/completion.h"
#include "cli/terminal.h"

namespace signet::cli {
namespace {

// Readline splits words also at "=", "@" and ":" and replaces what follows the last of these, "$2": the words
// as they were typed are put together again, and from each reply goes what stays. A quote at the beginning of
// a word is readline's business.
constexpr std::string_view bash_frame = R"(_signet() {
    local rest=${COMP_LINE:0:COMP_POINT} piece option value i
    local -a words=()
    COMPREPLY=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        if ((i == 0)) || [[ $rest == [[:space:]]* ]]; then words+=(''); fi
        rest=${rest#"${rest%%[![:space:]]*}"}
        if ((i == COMP_CWORD)); then piece=$rest; fi
        rest=${rest#"$piece"}
        words[-1]+=$piece
    done
    local word=${words[-1]#[\"\']} previous=""
    if ((${#words[@]} > 1)); then previous=${words[-2]}; fi
    option="" value=$word
    if [[ $word == --*=* ]]; then
        option=${word%%=*} value=${word#*=}
    elif [[ $previous == -* ]]; then
        option=$previous
    fi
    _signet_reply "$1"
    local typed=${word%"$value"} kept=${word%"$2"}
    for i in "${!COMPREPLY[@]}"; do
        piece=$typed${COMPREPLY[i]}
        COMPREPLY[i]=${piece#"$kept"}
    done
}
complete -F _signet signet
)";

// What sets COMPREPLY for "$value", by kind.
std::string bash_functions() {
    const auto printed = [](const std::string& name, const std::string& command) {
        return name + "() { _signet_words \"$(" + command + ")\"; }\n";
    };
    return "_signet_words() { mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$value\"); }\n"
           "_signet_paths() {\n"
           "    compopt -o filenames\n"
           "    mapfile -t COMPREPLY < <(compgen \"$1\" -- \"$value\")\n"
           "}\n" +
           printed("_signet_addresses", addresses_command("\"$1\"")) +
           printed("_signet_tokens", tokens_command("\"$1\""));
}

std::string bash_words(const std::string& words) {
    return "_signet_words '" + words + "'";
}

std::string bash_action(const Values& values) {
    switch (values.kind) {
        case ValueKind::none:
            return ":";
        case ValueKind::words:
            return bash_words(values.words);
        case ValueKind::file:
            return "_signet_paths -f";
        case ValueKind::folder:
            return "_signet_paths -d";
        case ValueKind::address:
            return "_signet_addresses \"$1\"";
        case ValueKind::token:
            return "_signet_tokens \"$1\"";
    }
    return {};
}

// After an option that takes a value; the function ends there.
std::string bash_option_values(CLI::App& command) {
    std::string script;
    for (CLI::Option* option : options_of(command)) {
        if (takes_value(*option) && !option->get_positional()) {
            script +=
                joined(names_of(*option), " | ") + ")\n" + bash_action(values_of(*option)) + "\nreturn ;;\n";
        }
    }
    return script.empty() ? "" : "case $option in\n" + script + "esac\n";
}

// What can stand after a command: the names of its subcommands, and its options.
std::string following_words(CLI::App& command) {
    std::vector<std::string> words;
    for (const CLI::App* subcommand : subcommands_of(command)) {
        words.push_back(subcommand->get_name());
    }
    for (const CLI::Option* option : options_of(command)) {
        for (auto& name : names_of(*option)) {
            words.push_back(std::move(name));
        }
    }
    return joined(words, " ");
}

// Arguments where no option begins; where nothing is known of them, options too.
std::string bash_arguments(CLI::App& command) {
    const std::string values_of_options = bash_option_values(command);
    const std::string options = bash_words(following_words(command)) + "\n";
    for (CLI::Option* positional : positionals_of(command)) {
        if (const auto values = values_of(*positional); values.kind != ValueKind::none) {
            return values_of_options + "if [[ $word == -* ]]; then\n" + options + "else\n" +
                   bash_action(values) + "\nfi\n";
        }
    }
    return values_of_options + options;
}

// For the words after `command`, which is that with the number `place`.
std::string bash_after(CLI::App& command, int place) {
    const auto subcommands = subcommands_of(command);
    if (subcommands.empty()) {
        return bash_arguments(command);
    }
    const std::string next = std::to_string(place + 1);
    std::string script = "if ((${#words[@]} == " + std::to_string(place + 2) + ")); then\n" +
                         bash_words(following_words(command)) + "\nelse\ncase ${words[" + next + "]} in\n";
    for (CLI::App* subcommand : subcommands) {
        script += subcommand->get_name() + ") " + bash_after(*subcommand, place + 1) + ";;\n";
    }
    return script + "esac\nfi\n";
}

}  // namespace

std::string bash_completion(CLI::App& program) {
    return "# bash completion for signet(1)\n"
           "# Each of these sets COMPREPLY for $value, which follows $option or stands by itself.\n" +
           bash_functions() + "_signet_reply() {\n" + bash_after(program, 0) + "}\n" +
           std::string(bash_frame);
}

}  // namespace signet::cli
