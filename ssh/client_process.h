#pragma once

#include "base/environment.h"
#include "base/result.h"

#include <sys/types.h>

namespace signet::ssh {

// The process at the other end of a socket. not_allowed: another user's.
Result<pid_t> client_process(int socket);

// Where the person at that process can be asked: what it has in its environment, and its terminal. Where that
// cannot be read, as for this process.
Environment environment_of(pid_t process);
// The same without the terminal: that of an ssh which forwards is read by the other machine.
Environment without_terminal(Environment environment);

}  // namespace signet::ssh
