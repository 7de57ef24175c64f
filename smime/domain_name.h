#pragma once

#include "base/result.h"

#include <string>

namespace signet::smime {

// The address with its domain as DNS has it: in A-labels (RFC 5890 section 2.3.2.1). malformed when a domain
// outside ASCII has none.
Result<std::string> with_ascii_domain(const std::string& address);

}  // namespace signet::smime
