#pragma once

#include "base/algorithms.h"
#include "base/result.h"
#include "ssh/public_key.h"

#include <optional>
#include <string_view>

// Signatures as SSH has them: RFC 8332 section 3, RFC 5656 section 3.1.2, RFC 8709 section 6.
namespace signet::ssh {

struct SignatureAlgorithm {
    std::string_view name;
    SignatureScheme scheme{};
    std::optional<HashAlgorithm> hash{};  // of the message; none with Ed25519
};

// What a sign request asks for. not_allowed: RSA with SHA-1; unsupported: flags that this agent does not
// know.
Result<SignatureAlgorithm> choose_algorithm(const PublicKey& key, std::uint32_t flags);

// A signature blob, from what org.signet.agent answers.
Result<Bytes> encode_signature_blob(const SignatureAlgorithm& algorithm, ByteView signature);

// Whether the blob is this key's signature of the message. SHA-1 never is.
bool verifies(const PublicKey& key, ByteView message, ByteView signature_blob);

// "…-cert-v01@openssh.com" names the same signatures for a key that is certified.
std::string_view without_certificate_suffix(std::string_view algorithm);

}  // namespace signet::ssh
