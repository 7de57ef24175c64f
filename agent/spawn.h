#pragma once

#include "base/file_descriptor.h"

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace signet::agent {

struct ChildOptions {
    std::vector<std::string> arguments;  // the first is the program's path
    // Standard input and output of the child; without it input is /dev/null and output our standard error.
    const FileDescriptor* standard_streams = nullptr;
    std::vector<FileDescriptor> descriptors;  // become 3, 4, 5 …
    // Set, or removed where the value is empty, on top of this process's variables.
    std::map<std::string, std::string> variables;
    // A session and process group of its own: signals to its group reach what it starts, and a terminal of
    // the agent's does not stop it.
    bool own_session = false;
};

struct ChildProcess {
    pid_t pid = -1;
    FileDescriptor pidfd;  // readable when the process has ended
};

// Starts a program with an empty SIGNET_SOCKET, so that nothing in it talks back to this agent.
Result<ChildProcess> spawn_child(const ChildOptions& options);

// A helper program of ours: beside this program, else at its installed place.
Result<std::string> helper_program(const std::string& name);

}  // namespace signet::agent
