#pragma once

#include "token/public_key.h"

// Whether what a card has answered was made with the private key that belongs to a public key. bad_signature:
// it was not.
namespace signet::piv {

// `result` to the public exponent is `input`; both are as long as the modulus.
Result<void> check_rsa_result(const token::PublicKey& key, ByteView input, ByteView result);
// In DER.
Result<void> check_ecdsa_signature(const token::PublicKey& key, ByteView digest, ByteView signature);
Result<void> check_eddsa_signature(const token::PublicKey& key, ByteView message, ByteView signature);

}  // namespace signet::piv
