#include "cli/declaration.h"
#include "cli/output.h"
#include "cli/terminal.h"

#include <algorithm>

namespace signet::cli {
namespace {

std::vector<std::string> option_words(const CLI::App& command) {
    std::vector<std::string> words;
    for (const CLI::Option* option : command.get_options()) {
        for (const auto& name : option->get_lnames()) {
            words.push_back("--" + name);
        }
    }
    return words;
}

std::vector<std::string> subcommand_words(const CLI::App& program) {
    std::vector<std::string> words;
    for (const CLI::App* command : program.get_subcommands(nullptr)) {
        words.push_back(command->get_name());
    }
    return words;
}

void add_file_options(const CLI::App& command, std::vector<std::string>& words) {
    for (const CLI::Option* option : command.get_options()) {
        const std::string name = option->get_single_name();
        const bool is_file = option->get_type_name() == "FILE" && !option->get_lnames().empty();
        if (is_file && std::find(words.begin(), words.end(), "--" + name) == words.end()) {
            words.push_back("--" + name);
        }
    }
    for (const CLI::App* subcommand : command.get_subcommands(nullptr)) {
        add_file_options(*subcommand, words);
    }
}

// Options whose argument is a file, over all subcommands.
std::vector<std::string> file_options(const CLI::App& program) {
    std::vector<std::string> words;
    add_file_options(program, words);
    return words;
}

std::string bash_words(const std::vector<std::string>& words) {
    return "mapfile -t COMPREPLY < <(compgen -W '" + joined(words, " ") + "' -- \"$word\")";
}

std::string bash_file_names(const CLI::App& program) {
    return "    case $previous in\n"
           "    " +
           joined(file_options(program), " | ") +
           ")\n"
           "        compopt -o filenames\n"
           "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
           "        return ;;\n"
           "    esac\n";
}

// What can stand after a command: its options, and the names of its subcommands.
std::vector<std::string> following_words(const CLI::App& command) {
    auto words = subcommand_words(command);
    for (auto& option : option_words(command)) {
        words.push_back(std::move(option));
    }
    if (command.get_name() == "completion") {
        words.insert(words.end(), {"bash", "zsh"});
    }
    return words;
}

// For the words after `command`, which is that with the number `place`.
std::string bash_after(const CLI::App& command, int place) {
    const auto subcommands = command.get_subcommands(nullptr);
    if (subcommands.empty()) {
        return bash_words(following_words(command)) + "\n";
    }
    const std::string next = std::to_string(place + 1);
    std::string script = "if ((COMP_CWORD == " + next + ")); then\n" + bash_words(following_words(command)) +
                         "\nelse\ncase ${COMP_WORDS[" + next + "]} in\n";
    for (const CLI::App* subcommand : subcommands) {
        script += subcommand->get_name() + ") " + bash_after(*subcommand, place + 1) + ";;\n";
    }
    return script + "esac\nfi\n";
}

std::string bash_script(const CLI::App& program) {
    return "# bash completion for signet(1)\n"
           "_signet() {\n"
           "    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
           "    COMPREPLY=()\n" +
           bash_file_names(program) + bash_after(program, 0) +
           "}\n"
           "complete -F _signet signet\n";
}

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

std::string zsh_argument(const CLI::Option& option, const std::string& name) {
    const std::string repeatable = option.get_expected_max() > 1 ? "*" : "";
    std::string text = "'" + repeatable + "--" + name + "[" + zsh_escaped(option.get_description()) + "]";
    if (!option.get_type_name().empty()) {
        text += ":" + option.get_type_name() + ":" + (option.get_type_name() == "FILE" ? "_files" : "");
    }
    return text + "'";
}

std::string zsh_arguments(const CLI::App& command) {
    std::string text;
    for (const CLI::Option* option : command.get_options()) {
        for (const auto& name : option->get_lnames()) {
            text += " \\\n            " + zsh_argument(*option, name);
        }
    }
    return text + (command.get_name() == "completion" ? " \\\n            '1:shell:(bash zsh)'" : "");
}

// For the words after a command that has subcommands.
std::string zsh_subcommands(const CLI::App& command) {
    std::string script = "    commands=(";
    for (const CLI::App* subcommand : command.get_subcommands(nullptr)) {
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
    for (const CLI::App* subcommand : command.get_subcommands(nullptr)) {
        const bool has_more = !subcommand->get_subcommands(nullptr).empty();
        script +=
            "    " + subcommand->get_name() + ")\n" +
            (has_more ? zsh_subcommands(*subcommand) : "        _arguments" + zsh_arguments(*subcommand)) +
            " ;;\n";
    }
    return script + "    esac";
}

std::string zsh_script(const CLI::App& program) {
    return "#compdef signet\n"
           "_signet() {\n"
           "    local chosen\n"
           "    local -a commands\n" +
           zsh_subcommands(program) +
           "\n}\n"
           "_signet \"$@\"\n";
}

}  // namespace

void declare_completion(CLI::App& program, Action& chosen) {
    auto shell = std::make_shared<std::string>();
    CLI::App* command = program.add_subcommand("completion", "Print the completion script for a shell");
    command->add_option("shell", *shell, "bash or zsh")
        ->required()
        ->type_name("SHELL")
        ->check(CLI::IsMember({"bash", "zsh"}).description(""));
    command->callback([&program, &chosen, shell] {
        chosen = [&program, shell]() -> Result<ExitStatus> {
            SIGNET_CHECK(write_output("-", *shell == "bash" ? bash_script(program) : zsh_script(program)));
            return ExitStatus::good;
        };
    });
}

}  // namespace signet::cli
