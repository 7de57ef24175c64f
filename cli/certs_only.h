#pragma once

#include "base/result.h"
#include "smime/stream.h"

#include <openssl/types.h>

#include <vector>

namespace signet::cli {

// The mail with these certificates as its body. invalid_parameter: it has a text of its own, which would be
// lost.
Result<void> write_certs_only(const smime::Source& mail, const std::vector<X509*>& certificates,
                              smime::Sink& out);

}  // namespace signet::cli
