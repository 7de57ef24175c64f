#pragma once

#include "base/token_terms.h"
#include "piv/commands.h"
#include "token/public_key.h"

// Algorithm identifiers and public keys as cards write them.
namespace signet::piv {

// Nothing for what PIV cards have no identifier for.
std::optional<Algorithm> identifier_of(KeyAlgorithm algorithm);
std::optional<KeyAlgorithm> key_algorithm(std::uint8_t identifier);

Algorithm identifier_of(ManagementAlgorithm algorithm);
// 00 is 3DES too.
std::optional<ManagementAlgorithm> management_algorithm(std::uint8_t identifier);

// The content of 7F49: 81 modulus and 82 exponent, or 86 point. malformed: it is no key of that algorithm.
Result<token::PublicKey> public_key_of(KeyAlgorithm algorithm, ByteView content);

}  // namespace signet::piv
