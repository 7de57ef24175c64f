#pragma once

#include "base/environment.h"
#include "base/result.h"

#include <sys/types.h>

#include <cstdint>

namespace signet::ssh {

// The process at the other end of a socket. not_allowed: another user's.
Result<pid_t> client_process(int socket);

// The terminal of an ssh that forwards is read by the other machine.
enum class Terminal : std::uint8_t { usable, in_use };

// Where the person at that process can be asked: what it has in its environment, and its terminal. Where that
// says of no place, as for this process.
Environment environment_of(pid_t process, Terminal terminal);

}  // namespace signet::ssh
