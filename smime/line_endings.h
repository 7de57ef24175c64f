#pragma once

#include <string>
#include <string_view>

namespace signet::smime {

enum class LineEnding { lf, crlf };

// How the first line ends; a text without a line break counts as LF.
LineEnding line_ending_of(std::string_view text);

// Every line break, LF or CRLF, as CRLF. A lone CR stays what it is.
std::string to_crlf(std::string_view text);
// Every CRLF as LF.
std::string to_lf(std::string_view text);
std::string with_line_ending(std::string_view crlf_text, LineEnding ending);

// The next line with its line break, cut off the front of `text`.
std::string_view take_line(std::string_view& text);
std::string_view without_line_break(std::string_view line);

}  // namespace signet::smime
