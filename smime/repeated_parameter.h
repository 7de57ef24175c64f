#pragma once

#include <string_view>

namespace signet::smime {

// Whether a value that plain_content_type() refuses may give this parameter more than once, in whatever forms
// RFC 2231 has for it: name, name*, name*0, name*0*. Programs differ in the one they take. Quotation marks
// and comments end in different places for different programs, so what stands in them counts.
bool may_repeat_parameter(std::string_view value, std::string_view name);

}  // namespace signet::smime
