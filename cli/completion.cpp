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

// Options whose argument is a file, over all subcommands.
std::vector<std::string> file_options(const CLI::App& program) {
    std::vector<std::string> words;
    for (const CLI::App* command : program.get_subcommands(nullptr)) {
        for (const CLI::Option* option : command->get_options()) {
            const std::string name = "--" + option->get_single_name();
            if (option->get_type_name() == "FILE" &&
                std::find(words.begin(), words.end(), name) == words.end()) {
                words.push_back(name);
            }
        }
    }
    return words;
}

std::string bash_words(const std::vector<std::string>& words) {
    return "mapfile -t COMPREPLY < <(compgen -W '" + joined(words, " ") + "' -- \"$word\")";
}

// The first word is a command, or an option of the program itself.
std::string bash_first_word(const CLI::App& program) {
    auto words = subcommand_words(program);
    for (auto& option : option_words(program)) {
        words.push_back(std::move(option));
    }
    return "    if ((COMP_CWORD == 1)); then\n"
           "        " +
           bash_words(words) +
           "\n"
           "        return\n"
           "    fi\n";
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

std::string bash_options(const CLI::App& program) {
    std::string script = "    case ${COMP_WORDS[1]} in\n";
    for (const CLI::App* command : program.get_subcommands(nullptr)) {
        auto words = option_words(*command);
        if (command->get_name() == "completion") {
            words.insert(words.end(), {"bash", "zsh"});
        }
        script += "    " + command->get_name() + ") " + bash_words(words) + " ;;\n";
    }
    return script + "    esac\n";
}

std::string bash_script(const CLI::App& program) {
    return "# bash completion for signet(1)\n"
           "_signet() {\n"
           "    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
           "    COMPREPLY=()\n" +
           bash_first_word(program) + bash_file_names(program) + bash_options(program) +
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

std::string zsh_script(const CLI::App& program) {
    std::string script =
        "#compdef signet\n"
        "_signet() {\n"
        "    local -a commands=(";
    for (const CLI::App* command : program.get_subcommands(nullptr)) {
        script += "\n        '" + command->get_name() + ":" + zsh_escaped(command->get_description()) + "'";
    }
    script +=
        ")\n"
        "    if ((CURRENT == 2)); then\n"
        "        _describe command commands\n"
        "        return\n"
        "    fi\n"
        "    local chosen=$words[2]\n"
        "    shift words\n"
        "    ((CURRENT--))\n"
        "    case $chosen in\n";
    for (const CLI::App* command : program.get_subcommands(nullptr)) {
        script += "    " + command->get_name() + ")\n        _arguments" + zsh_arguments(*command) + " ;;\n";
    }
    return script + "    esac\n}\n_signet \"$@\"\n";
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
