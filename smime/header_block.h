#pragma once

#include "smime/header.h"
#include "smime/stream.h"

#include <memory>

namespace signet::smime {

// The header at the front of a source, of which no more is read.
struct HeaderBlock {
    HeaderBlock() = default;
    HeaderBlock(const HeaderBlock&) = delete;
    HeaderBlock& operator=(const HeaderBlock&) = delete;

    std::string text;  // field lines as they came, without the empty line and a leading mbox line
    Header header;     // views into text
    Range body;
    bool crlf = false;  // how the first line of the source ends
};

// malformed: a line that is no field. too_large: more than 1 MiB.
Result<std::unique_ptr<HeaderBlock>> read_header(const Source& source);

}  // namespace signet::smime
