#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace signet::piv {

// A packed certificate as cards hold it: gzip (SP 800-73-4), or zlib behind the header 01 00 and a length of
// two octets (Net iD). malformed: neither, or broken. too_large: more than 64 KiB.
Result<Bytes> inflate_certificate(ByteView packed);

}  // namespace signet::piv
