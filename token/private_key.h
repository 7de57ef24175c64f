#pragma once

#include "base/secret.h"
#include "base/token_terms.h"
#include "token/public_key.h"

namespace signet::token {

// A private key on its way into a token, in the parts that tokens take. Numbers are big-endian.
struct PrivateKey {
    KeyAlgorithm algorithm{};
    PublicKey public_key;
    Bytes public_exponent;  // with RSA

    // With RSA, the first as long as the modulus, the others as half of it.
    Secret private_exponent;
    Secret prime1;
    Secret prime2;
    Secret exponent1;
    Secret exponent2;
    Secret coefficient;
    // With EC, as long as the field; with Ed25519 and X25519 as RFC 8032 and RFC 7748 have it.
    Secret scalar;
};

// Reads a PKCS#8 PrivateKeyInfo, DER, and checks that its halves belong together. malformed: it is none.
// unsupported: an algorithm, curve or size that KeyAlgorithm does not name, or more than two primes.
Result<PrivateKey> private_key_from_info(const Secret& private_key_info);

// What KeyAlgorithm calls it; unsupported where it has no name for it.
Result<KeyAlgorithm> key_algorithm_of(const PublicKey& key);

}  // namespace signet::token
