#pragma once

#include "base/error.h"

namespace signet::agent {

// A host's error as the client is told it. The token was there when the call went to its host: one that is
// not found now was removed.
Error told_to_client(Error error);

// The token, or the state of its PIN, is not what the list says.
bool outdates_the_list(ErrorCode code);

}  // namespace signet::agent
