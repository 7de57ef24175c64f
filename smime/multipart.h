#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace signet::smime {

// A multipart body as ranges of the text it was found in.
struct Multipart {
    std::string_view preamble;            // without the line break before the first boundary
    std::vector<std::string_view> parts;  // without the line breaks that belong to the boundaries
    std::string_view epilogue;            // what follows the line of the last boundary
    bool closed = false;                  // the last boundary is there
};

// Finds the parts by RFC 2046 section 5.1.1: a boundary is a whole line, blanks may follow it. More than
// 10,000 parts are too_large; no boundary line, or a boundary parameter that is empty or longer than 250
// octets, is malformed.
Result<Multipart> scan_multipart(std::string_view body, std::string_view boundary);

}  // namespace signet::smime
