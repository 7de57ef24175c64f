#pragma once

#include "cli/command.h"

#include <memory>
#include <string_view>

namespace signet::cli {

// The command tree: all of it, or only `subcommand` where there is one of this name, since declaring options
// takes time. `chosen` outlives it.
std::unique_ptr<CLI::App> make_program(Action& chosen, std::string_view subcommand);

// Parses the command line, does what it says, reports errors on standard error.
ExitStatus run(int argument_count, const char* const* arguments);

}  // namespace signet::cli
