#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace signet::cli {

// The addresses of a mail's From field, as they are written there. not_found when it has none, or several
// fields; malformed: no RFC 5322 header.
Result<std::vector<std::string>> sender_addresses(std::string_view mail);

}  // namespace signet::cli
