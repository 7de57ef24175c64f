#pragma once

#include "base/result.h"

#include <string_view>

namespace signet::smime {

// Whether GMime, the parser that shows mails, finds in a multipart/signed mail the same two parts as our
// scanner: the signature exactly, and every leaf of the signed part within it. Where they disagree, what a
// reader sees is not what was signed.
bool gmime_agrees(std::string_view mail, std::string_view signed_part, std::string_view signature_body);

}  // namespace signet::smime
