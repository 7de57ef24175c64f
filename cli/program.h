#pragma once

#include "cli/command.h"

#include <memory>

namespace signet::cli {

// The whole command tree. `chosen` outlives it.
std::unique_ptr<CLI::App> make_program(Action& chosen);

// Parses the command line, does what it says, reports errors on standard error.
ExitStatus run(int argument_count, const char* const* arguments);

}  // namespace signet::cli
