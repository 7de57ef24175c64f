#pragma once

#include "ipc/types.h"
#include "smime/pkcs11_uri.h"

namespace signet::cli {

using smime::Pkcs11Uri;

bool matches(const Pkcs11Uri& uri, const ipc::Token& token);
// `certificate` may be null. Object attributes are those of the private or public key, or of the certificate.
bool matches(const Pkcs11Uri& uri, const ipc::Token& token, const ipc::Key& key,
             const ipc::Certificate* certificate);

}  // namespace signet::cli
