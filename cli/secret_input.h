#pragma once

#include "base/secret.h"

#include <string>

namespace signet::cli {

// The secret in the descriptor that `option` ("--pin-fd") named, without a line end. A terminal is refused:
// it would show what is typed.
Result<Secret> read_secret(int number, const std::string& option);

}  // namespace signet::cli
