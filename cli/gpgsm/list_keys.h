#pragma once

#include "base/result.h"

#include <string>
#include <vector>

namespace signet::gpgsm {

// The certificates of the keys on all tokens, for people; with names only those that one of them fits.
Result<std::string> list_keys(const std::vector<std::string>& names);

}  // namespace signet::gpgsm
