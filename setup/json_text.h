#pragma once

#include "base/result.h"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace signet::setup {

// malformed with the place where it stops to be JSON; bounded in depth.
Result<boost::json::value> parse_json(std::string_view text);
// As people write it: a member a line, two blanks for each level.
std::string pretty_json(const boost::json::value& value);

}  // namespace signet::setup
