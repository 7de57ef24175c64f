#pragma once

#include "base/algorithms.h"
#include "base/bytes.h"
#include "base/result.h"
#include "x509/openssl.h"

namespace signet::token {

const EVP_MD* message_digest(HashAlgorithm hash);

Result<Bytes> digest(HashAlgorithm hash, ByteView message);

// HMAC with SHA-256; 32 octets.
Result<Bytes> hmac_sha256(ByteView key, ByteView message);

// MGF1, RFC 8017 appendix B.2.1: `masked` is exclusive-ored with the mask made from `seed`.
Result<void> apply_mgf1(HashAlgorithm hash, ByteView seed, std::span<std::uint8_t> masked);

}  // namespace signet::token
