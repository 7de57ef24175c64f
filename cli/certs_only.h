#pragma once

#include "smime/stream.h"
#include "x509/certificate.h"

#include <span>

namespace signet::cli {

// The mail with these certificates as its body. invalid_parameter: it has a text of its own, which would be
// lost.
Result<void> write_certs_only(const smime::Source& mail, std::span<const x509::Certificate> certificates,
                              smime::Sink& out);

}  // namespace signet::cli
