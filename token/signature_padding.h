#pragma once

#include "base/algorithms.h"
#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>

// What goes into an RSA private key to make a signature (RFC 8017 section 9).
namespace signet::token {

// The DER encoding T of DigestInfo; the digest must have the hash's length.
Result<Bytes> digest_info(HashAlgorithm hash, ByteView digest);

// EMSA-PKCS1-v1_5 around an encoded DigestInfo: `modulus_size` octets. T longer than that minus 11 is
// invalid_parameter.
Result<Bytes> pkcs1_signature_block(ByteView digest_info, std::size_t modulus_size);

struct PssParameters {
    HashAlgorithm hash{};
    HashAlgorithm mask_hash{};
    std::uint32_t salt_length = 0;
};

// EMSA-PSS with a fresh salt, as long as the modulus (an octet of zero in front where emBits is a multiple of
// 8).
Result<Bytes> pss_signature_block(const PssParameters& parameters, ByteView digest, std::size_t modulus_bits);
// The same with a given salt.
Result<Bytes> pss_signature_block(const PssParameters& parameters, ByteView digest, ByteView salt,
                                  std::size_t modulus_bits);

}  // namespace signet::token
