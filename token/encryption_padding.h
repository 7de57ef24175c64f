#pragma once

#include "base/algorithms.h"
#include "base/bytes.h"
#include "base/result.h"

// What comes out of an RSA private key when something was encrypted to it (RFC 8017 section 7). Nothing here
// branches or indexes by the content of the block.
namespace signet::token {

// The plaintext that answers a ciphertext with bad padding: it depends on the secret and the ciphertext
// alone, as in draft-irtf-cfrg-rsa-guidance. `block` has the modulus' length; the message is its end.
struct SubstitutePlaintext {
    Bytes block;
    std::size_t length = 0;  // of the message; 0 to the longest that the modulus allows
};
Result<SubstitutePlaintext> substitute_plaintext(ByteView secret, ByteView ciphertext,
                                                 std::size_t modulus_size);

// EME-PKCS1-v1_5 decoding with implicit rejection: the message in `block`, or that of the substitute. Both
// blocks have the modulus' length; a block of zeros is one with bad padding. Wipes its input.
Bytes pkcs1_message_or_substitute(Bytes block, SubstitutePlaintext substitute);

struct OaepParameters {
    HashAlgorithm hash{};
    HashAlgorithm mask_hash{};
    ByteView label;
};
// EME-OAEP decoding. Every fault of the block is the same driver_failed. Wipes its input.
Result<Bytes> oaep_message(const OaepParameters& parameters, Bytes block);
// That error, also for a module that unpads by itself.
Failure oaep_failure();

}  // namespace signet::token
