#pragma once

#include "token/public_key.h"

// Whether what a token has answered was made with the private key that belongs to a public key.
// bad_signature: it was not.
namespace signet::token {

// `result` to the public exponent is `input`; both are as long as the modulus.
Result<void> check_rsa_result(const PublicKey& key, ByteView input, ByteView result);
// In DER.
Result<void> check_ecdsa_signature(const PublicKey& key, ByteView digest, ByteView signature);
Result<void> check_eddsa_signature(const PublicKey& key, ByteView message, ByteView signature);

// r and s, each of the field's length, of an ECDSA signature in DER. malformed: it is none.
Result<Bytes> ecdsa_pair(ByteView signature, std::size_t field_size);

}  // namespace signet::token
