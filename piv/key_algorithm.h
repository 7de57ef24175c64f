#pragma once

#include "base/token_terms.h"
#include "piv/commands.h"
#include "token/public_key.h"

#include <optional>

// How the card names what a public key is.
namespace signet::piv {

// Nothing for keys that no PIV card can have.
std::optional<Algorithm> algorithm_of(const token::PublicKey& key);
// Nothing for p521, and for algorithms that are none of keys.
std::optional<Algorithm> algorithm_of(KeyAlgorithm algorithm);
std::optional<KeyAlgorithm> key_algorithm_of(Algorithm algorithm);

// From the elements 81 and 82, or 86, with which cards tell of a new key and in metadata.
Result<token::PublicKey> public_key_of(Algorithm algorithm, ByteView elements);

}  // namespace signet::piv
