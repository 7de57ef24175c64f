#pragma once

#include "base/environment.h"
#include "ipc/server.h"
#include "ipc/types.h"

#include <cstdint>
#include <optional>
#include <string>

namespace signet::agent {

// Who wants something that may prompt. Information for the person, never authorisation: a process may run
// any program under any name.
struct Requester {
    std::string program;  // path of the executable, or the process name when the path cannot be read
    pid_t pid = 0;
    Environment environment;
    std::string client{};   // "ssh (pid 4710)": for whom the program says that it asks; empty: for itself
    std::string purpose{};  // "to log in as root": what the program says that it is for; empty: nothing

    // "thunderbird (pid 4711)", "ssh (pid 4710) through signet-ssh-agent (pid 4711)"
    [[nodiscard]] std::string description() const;
    // For whom a cancelled prompt is remembered: the client, where there is one, else the program in whatever
    // process.
    [[nodiscard]] std::string asker() const;
};

// `environment` is what the caller sent; values that are no single line of printable text are dropped.
// `asking` has the process for which the caller says that it asks, and why.
Requester make_requester(const ipc::Peer& peer, const std::optional<Environment>& environment,
                         const ipc::Asking& asking = {});

}  // namespace signet::agent
