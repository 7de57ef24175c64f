#pragma once

#include "smime/cms_stream.h"

namespace signet::smime {

// RFC 3274 with zlib. unsupported: another compression. too_large: the limits of compressed content in
// limits.h. malformed: what is there is not zlib, or not whole.
Result<void> decompress(const OpenedCms& cms, Sink& out);

}  // namespace signet::smime
