#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signet::smime {

// Whatever a person, or a program that reads more loosely than RFC 5322, would take for an address in `text`:
// in names and comments, with blanks, quotation marks, escapes or comments in the middle of it, and with
// other characters that look like "@" and ".". `text` has its encoded words decoded.
std::vector<std::string> addresses_shown_in(std::string text);

// Whether characters in it (Unicode Standard Annex 9, section 2) have it shown in another order than it is
// written: "moc.live@eve" as an address at evil.com.
bool changes_direction(std::string_view text);

}  // namespace signet::smime
