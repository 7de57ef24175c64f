#pragma once

#include "base/secret.h"
#include "pkcs11/module/cryptoki.h"

namespace signet::module {

// Longest wrapped key: as much as a Secret holds, and the check value.
inline constexpr std::size_t max_wrapped_key = Secret::max_size + 8;

// AES key wrap (RFC 3394) undone with a key of 16, 24 or 32 octets. CKR_ENCRYPTED_DATA_INVALID where the
// check value is wrong.
Outcome<Secret> unwrap_key(ByteView key, ByteView wrapped);

}  // namespace signet::module
