#pragma once

#include "base/algorithms.h"
#include "base/bytes.h"
#include "base/result.h"

namespace signet::token {

// Longest key that is derived: far above any key-encryption key.
inline constexpr std::size_t max_derived_size = 1024;

// The X9.63 key derivation function, SEC 1 section 3.6.1.
Result<Bytes> x963_derive(HashAlgorithm hash, ByteView shared_secret, ByteView shared_info,
                          std::size_t length);

}  // namespace signet::token
