#pragma once

#include "base/result.h"

#include <sys/types.h>

#include <string>
#include <vector>

namespace signet {

// Descriptors that become a child's standard ones; -1 leaves it this process's own.
struct ChildStreams {
    int input = -1;
    int output = -1;
    int error_output = -1;
};

// Starts a program, looked for in $PATH where its name has no slash. No shell is in between. SIGPIPE ends it
// as usual, though this process ignores it. input_output: it cannot be started.
Result<pid_t> start_child(const std::vector<std::string>& command, const ChildStreams& streams);

// Its exit status. input_output: a signal ended it. `name` is for the error.
Result<int> wait_for_child(pid_t child, const std::string& name);

}  // namespace signet
