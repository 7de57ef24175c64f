#pragma once

#include "token/public_key.h"

// Questions whose answer only the private half of a public key knows.
namespace signet::token {

// A number below the modulus and as long as it, to be raised to the private exponent.
Result<Bytes> rsa_question(const PublicKey& key);

// Key agreement with a key made for this question.
struct AgreementQuestion {
    Bytes point;   // what the token is asked with
    Bytes answer;  // X coordinate, or X25519's result
};
Result<AgreementQuestion> agreement_question(const PublicKey& key);

}  // namespace signet::token
