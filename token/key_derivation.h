#pragma once

#include "base/algorithms.h"
#include "base/bytes.h"
#include "base/result.h"
#include "token/description.h"

namespace signet::token {

// Longest key that is derived: far above any key-encryption key.
inline constexpr std::size_t max_derived_size = 1024;

// The X9.63 key derivation function, SEC 1 section 3.6.1.
Result<Bytes> x963_derive(HashAlgorithm hash, ByteView shared_secret, ByteView shared_info,
                          std::size_t length);

// kdf_hash and length come together or not at all; invalid_parameter otherwise.
Result<void> check_kdf(const DeriveRequest& request);
// What a request gets of the shared secret: the secret itself, or what is derived from it. Wipes its input
// then.
Result<Bytes> derived_key(const DeriveRequest& request, Bytes shared_secret);

}  // namespace signet::token
