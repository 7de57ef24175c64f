#pragma once

#include "base/result.h"
#include "ipc/types.h"

#include <optional>
#include <string>

namespace signet::cli {

// The token that `selector` names: its identity, its label, or a PKCS#11 URI. Without one, the only token
// that wants a PIN. token_not_found when there is none, ambiguous when there are several.
Result<const ipc::Token*> select_token(const std::vector<ipc::Token>& tokens,
                                       const std::optional<std::string>& selector);

}  // namespace signet::cli
