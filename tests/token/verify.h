#pragma once

#include "base/algorithms.h"
#include "base/bytes.h"
#include "x509/openssl.h"

#include <cstdint>
#include <optional>

// What OpenSSL says of the token side's work.
namespace signet::test {

x509::KeyPointer public_key(ByteView public_key_info);

bool verifies_pkcs1(ByteView public_key_info, HashAlgorithm hash, ByteView message, ByteView signature);
bool verifies_pss(ByteView public_key_info, HashAlgorithm hash, HashAlgorithm mask_hash, int salt_length,
                  ByteView message, ByteView signature);
// r and s of equal length, as on the wire.
bool verifies_ecdsa(ByteView public_key_info, HashAlgorithm hash, ByteView message, ByteView signature);
bool verifies_eddsa(ByteView public_key_info, ByteView message, ByteView signature);

Bytes encrypt_pkcs1(ByteView public_key_info, ByteView message);
Bytes encrypt_oaep(ByteView public_key_info, HashAlgorithm hash, HashAlgorithm mask_hash, ByteView label,
                   ByteView message);

x509::KeyPointer generate_ec_key(const char* group);
// Uncompressed point of an EC key.
Bytes point_of(const EVP_PKEY* key);
// The x-coordinate that both sides compute.
Bytes agree(EVP_PKEY* own, ByteView peer_public_key_info);

}  // namespace signet::test
