#pragma once

#include "smime/scan.h"

namespace signet::smime {

// Whether some part of `payload` is encrypted, as it says itself or its structure shows. What forwarded mails
// and opaque signatures hold does not count. Errors are those of the source.
Result<bool> has_encryption_below(const Source& source, const MimePart& payload);

}  // namespace signet::smime
