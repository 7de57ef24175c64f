#pragma once

#include "base/token_terms.h"
#include "piv/commands.h"
#include "token/private_key.h"

// Keys are made, brought in, moved and deleted. All but attest() want authenticate_administrator() first, and
// are not_allowed without it. None looks whether a key is in the slot already.
namespace signet::piv {

// What Yubico's cards let a key demand; a field that is not there is left to the card.
struct KeyPolicies {
    std::optional<KeyPinPolicy> pin;
    std::optional<KeyTouchPolicy> touch;
};

// GENERATE ASYMMETRIC KEY PAIR. unsupported: the card does not do this algorithm, or these policies.
Result<token::PublicKey> generate_key(const Card& card, KeyReference key, KeyAlgorithm algorithm,
                                      const KeyPolicies& policies);
// Yubico's IMPORT ASYMMETRIC KEY. unsupported also for an RSA key whose exponent is not 65537.
Result<void> import_key(const Card& card, KeyReference key, const token::PrivateKey& private_key,
                        const KeyPolicies& policies);
// From firmware 5.7 on. not_allowed: a key is in `to`; key_not_found: none is in `from`.
Result<void> move_key(const Card& card, KeyReference from, KeyReference to);
Result<void> delete_key(const Card& card, KeyReference key);
// The certificate, DER, by which the card vouches for a key. key_not_found: no key is there. unsupported: it
// was not made in the card, or the card cannot.
Result<Bytes> attest(const Card& card, KeyReference key);

// What GENERATE ASYMMETRIC KEY PAIR answers.
Result<token::PublicKey> generated_key_of(KeyAlgorithm algorithm, ByteView answer);

}  // namespace signet::piv
