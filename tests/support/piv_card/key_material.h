#pragma once

#include "tests/support/piv_card/keys.h"

namespace signet::test::piv_card {

// OpenSSL's name of the group of a NIST curve.
const char* group_name(KeyAlgorithm algorithm);

// A parameter of a key, unsigned and big-endian, without leading zeros.
Bytes number_of(const EVP_PKEY* key, const char* parameter);
// The uncompressed point of a NIST curve, or a raw Ed25519 or X25519 public key.
Bytes point_of(const EVP_PKEY* key);

// Null when the point is not on the curve.
x509::KeyPointer public_key_from_point(KeyAlgorithm algorithm, ByteView point);
// Null when a part is missing or does not fit.
x509::KeyPointer key_from_parts(KeyAlgorithm algorithm, std::span<const Element> parts);

}  // namespace signet::test::piv_card
