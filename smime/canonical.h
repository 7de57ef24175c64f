#pragma once

#include "base/result.h"
#include "smime/entity.h"
#include "smime/line_endings.h"

#include <string>
#include <string_view>

namespace signet::smime {

// A mail taken apart for signing or encrypting, line breaks CRLF throughout.
struct PreparedMail {
    std::string outer_header;  // all fields but Content-*, MIME-Version among them; no empty line at the end
    std::string entity;        // Content-* fields, empty line, body: safe against what transports do
    LineEnding line_ending = LineEnding::lf;  // of the mail as it came
};

// Brings the body into canonical form (RFC 8551 section 3.1). Leaf parts that a transport may damage become
// quoted-printable or base64, everything else stays octet for octet; multipart/signed and multipart/encrypted
// are not looked into. Preambles and epilogues that would be damaged are dropped.
Result<PreparedMail> prepare_mail(std::string_view mail);

// A boundary that no text contains but by guessing 128 bits.
std::string random_boundary();

}  // namespace signet::smime
