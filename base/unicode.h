#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace signet {

struct Utf8Character {
    char32_t code = 0;
    std::size_t size = 0;  // in octets
};

// The one at the start of `text`, which is not empty; nothing when the octets there are none (RFC 3629).
std::optional<Utf8Character> first_character(std::string_view text);

// C0, DEL and C1: some have a terminal do more than show text.
bool is_control(char32_t code);
// Of lines and of paragraphs: U+2028, U+2029.
bool is_separator(char32_t code);
// Has the text around it shown in another order than it is written (Unicode Standard Annex 9, section 2).
bool is_direction_control(char32_t code);
// Shows nothing, and so lets two texts look the same. Not those that join or part the letters of Persian and
// of Indic scripts, which need them.
bool is_invisible(char32_t code);

// Whether characters in it have it shown in another order than it is written: "moc.live@eve" as an address at
// evil.com. Octets that are no text change nothing.
bool changes_direction(std::string_view text);

}  // namespace signet
