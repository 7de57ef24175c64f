#pragma once

#include "base/result.h"
#include "ipc/types.h"

#include <optional>
#include <string>

namespace signet::cli {

// Which tokens are meant where none is named.
enum class Unnamed { those_with_a_pin, any };

// The token that `selector` names: its identity, its label, or a PKCS#11 URI. Without one, the only token of
// those that `unnamed` says. token_not_found when there is none, with the modules that failed; ambiguous when
// there are several. The inventory has tokens, and they are borrowed.
Result<const ipc::Token*> select_token(const ipc::Inventory& inventory,
                                       const std::optional<std::string>& selector,
                                       Unnamed unnamed = Unnamed::those_with_a_pin);

}  // namespace signet::cli
