#pragma once

#include "base/secret.h"
#include "ipc/server.h"

#include <optional>
#include <string_view>

namespace signet::agent {

// The secret in the descriptor of this index. Does not wait for a writer that is slow: a pipe that was filled
// before it was passed is all that is needed. Errors name the `parameter`.
Result<Secret> read_passed_secret(ipc::PendingCall& call, std::uint32_t index, std::string_view parameter);

}  // namespace signet::agent
