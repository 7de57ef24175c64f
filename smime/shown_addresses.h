#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signet::smime {

// Whatever a person, or a program that reads more loosely than RFC 5322, would take for an address in `text`:
// in names and comments, with blanks, quotation marks, escapes or comments in the middle of it, and with
// other characters that look like "@" and ".". `text` has its encoded words decoded.
std::vector<std::string> addresses_shown_in(std::string text);

}  // namespace signet::smime
