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

// All line breaks are LF: the form in which a mail is stored, not the one in which it was signed.
bool has_only_lf(std::string_view text);
// All line breaks are CRLF, and no CR stands alone: converting to LF and back gives the same.
bool has_only_crlf(std::string_view text);

// The next line with its line break, cut off the front of `text`.
std::string_view take_line(std::string_view& text);
std::string_view without_line_break(std::string_view line);

}  // namespace signet::smime
