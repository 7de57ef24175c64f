#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <string_view>
#include <vector>

// What the completion scripts of all shells say. An App and its options are not const here because CLI11
// gives out checks only so.
namespace signet::cli {

enum class ValueKind { none, words, file, folder, address, token };

// What stands after an option, or in the place of an argument.
struct Values {
    ValueKind kind = ValueKind::none;
    std::string words;  // for ValueKind::words, with blanks between
};

Values values_of(CLI::Option& option);
// As they are typed: "-h", "--help"; of a positional none.
std::vector<std::string> names_of(const CLI::Option& option);
bool takes_value(const CLI::Option& option);
std::vector<CLI::Option*> options_of(CLI::App& command);
std::vector<CLI::Option*> positionals_of(CLI::App& command);
std::vector<CLI::App*> subcommands_of(CLI::App& command);

// Shell commands that print the addresses of the keys and the identities of the tokens that are there. Shells
// may expand what they are given, and certificates are made by others: only harmless characters pass. They
// are run by the command that is completed, the shell's word `program`.
std::string addresses_command(std::string_view program);
std::string tokens_command(std::string_view program);

std::string bash_completion(CLI::App& program);
std::string zsh_completion(CLI::App& program);

}  // namespace signet::cli
