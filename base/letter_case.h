#pragma once

#include <string>
#include <string_view>

namespace signet {

// Of ASCII letters; all other octets stay what they are, in every locale.
std::string lower_case(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace signet
