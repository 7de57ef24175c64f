#pragma once

#include "smime/scan.h"

namespace signet::smime {

// Whether some part of `payload` is encrypted, also within further signatures and compression, as it says
// itself or its structure shows. What forwarded mails hold does not count, nor what lies deeper than signet
// reads: limits.h. Errors are those of the source.
Result<bool> has_encryption_below(const Source& source, const MimePart& payload);

}  // namespace signet::smime
