#pragma once

#include <string_view>

namespace signet::smime {

// Whether a value that plain_content_type() refuses may give this parameter more than once, in whatever forms
// RFC 2231 has for it: name, name*, name*0, name*0*. Programs differ in the one they take. Quotation marks
// and comments end in different places for different programs, so what stands in them counts.
bool may_repeat_parameter(std::string_view value, std::string_view name);

// Of RFC 2046 section 5.1.1, or a token of RFC 2045: programs read it in one way, with and without quotation
// marks.
bool is_boundary_text(std::string_view text);
// Whether such a value gives the boundary once, as that and with nothing but blanks beside it. Programs
// differ in comments, escapes and the forms of RFC 2231.
bool gives_boundary_plainly(std::string_view value);

}  // namespace signet::smime
