#pragma once

#include "smime/stream.h"
#include "x509/openssl.h"

#include <optional>

namespace signet::smime {

// OpenSSL reads from `reader` or writes to `sink`, which must outlive the BIO. What goes wrong there ends in
// an OpenSSL failure without a cause of its own; `error` then holds the cause.
x509::BioPointer bio_of(Reader& reader, std::optional<Error>& error);
x509::BioPointer bio_of(Sink& sink, std::optional<Error>& error);

}  // namespace signet::smime
