#pragma once

#include "ipc/helper_options.h"

namespace signet::desktop {

// A wrong command line is configuration; its detail says what is wrong.
Result<ipc::HelperOptions> parse_options(int count, char** arguments);

extern const char* const usage;

}  // namespace signet::desktop
