#pragma once

#include <string>

namespace signet::setup {

// A line of a file of settings without the blanks around it, and without the CR of other systems.
inline std::string trimmed(const std::string& text) {
    constexpr const char* blanks = " \t\r";
    const auto begin = text.find_first_not_of(blanks);
    return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

}  // namespace signet::setup
