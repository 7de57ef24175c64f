#pragma once

#include "token/description.h"
#include "token/signature_padding.h"

// What a request to sign means, whatever token does it. Errors are invalid_parameter.
namespace signet::token {

// The digest that was given, or that of the message.
Result<Bytes> digest_to_sign(const SignRequest& request);
// What stands in the block of RSASSA-PKCS1-v1_5: a DigestInfo, made where a hash is named.
Result<Bytes> pkcs1_content(const SignRequest& request);
// The salt is as long as the digest unless the request says otherwise; it must fit.
Result<PssParameters> pss_parameters(const SignRequest& request, std::size_t modulus_size);
// The leftmost octets that count (FIPS 186-5 section 6.4.1); not every token drops the others by itself.
Result<Bytes> ecdsa_digest(const SignRequest& request, std::size_t field_size);
// Ed25519 and Ed448 sign messages alone, without a hash of the caller's.
Result<void> check_eddsa_request(const SignRequest& request);

}  // namespace signet::token
