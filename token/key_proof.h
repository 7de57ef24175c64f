#pragma once

#include "token/public_key.h"

// Proofs that a token holds the private half of a public key: a question whose answer only that key knows.
namespace signet::token {

// RSA: a number below the modulus and as long as it, to be raised to the private exponent.
Result<Bytes> rsa_question(const PublicKey& key);
Result<bool> rsa_answer_fits(const PublicKey& key, ByteView question, ByteView answer);

// ECDSA over a digest as long as the field; Ed25519 over a message.
Result<bool> signature_fits(const PublicKey& key, ByteView question, ByteView signature);

// Key agreement with a key made for this question: X coordinate or X25519 result.
struct AgreementQuestion {
    Bytes point;   // what the token is asked with
    Bytes answer;  // what it has to say
};
Result<AgreementQuestion> agreement_question(const PublicKey& key);

}  // namespace signet::token
