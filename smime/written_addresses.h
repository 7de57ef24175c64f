#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace signet::smime {

// How many addresses are written in an unfolded list of them, between its commas and in its groups, whether
// they can be read or not. Nothing when a quoted string, a comment or a bracket does not end.
std::optional<std::size_t> count_written_addresses(std::string_view list);

}  // namespace signet::smime
