#pragma once

#include "base/environment.h"
#include "ipc/server.h"

#include <string>

namespace signet::agent {

// Who wants something that may prompt. Information for the person, never authorisation: a process may run
// any program under any name.
struct Requester {
    std::string program;  // path of the executable, or the process name when the path cannot be read
    pid_t pid = 0;
    Environment environment;

    // "thunderbird (pid 4711)"
    [[nodiscard]] std::string description() const;
};

// `environment` is what the caller sent; values that are no single line of printable text are dropped.
Requester make_requester(const ipc::Peer& peer, const std::optional<Environment>& environment);

}  // namespace signet::agent
