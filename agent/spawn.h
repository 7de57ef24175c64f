#pragma once

#include "base/file_descriptor.h"

#include <sys/types.h>

#include <string>
#include <vector>

namespace signet::agent {

struct ChildProcess {
    pid_t pid = -1;
    FileDescriptor pidfd;  // readable when the process has ended
};

// Starts `arguments[0]` (a path) with `descriptors` as 3, 4, 5 …, standard input from /dev/null, standard
// output to our standard error, and an empty SIGNET_SOCKET, so that nothing in it talks back to this agent.
Result<ChildProcess> spawn_child(const std::vector<std::string>& arguments,
                                 const std::vector<FileDescriptor>& descriptors);

// signet-token beside this program, else at its installed place.
Result<std::string> token_host_program();

}  // namespace signet::agent
