#include "piv/key_operation.h"

#include "token/answer_check.h"
#include "token/encryption_padding.h"
#include "token/key_derivation.h"
#include "token/sign_request.h"
#include "token/signature_padding.h"

#include <algorithm>

namespace signet::piv {
namespace {

constexpr std::size_t eddsa_signature_size = 64;

Failure unsupported(const char* operation, std::string_view scheme, const CardKey& key) {
    return failure(
        ErrorCode::unsupported, operation,
        std::string(scheme) + " with this key of type " + std::string(name_of(key.public_key.type)));
}

Failure nonsense(const char* what) {
    return failure(ErrorCode::malformed, "GENERAL AUTHENTICATE", what);
}

bool is_rsa(const CardKey& key) {
    return key.public_key.type == KeyType::rsa;
}

// EC keys of these places establish keys and do not sign (SP 800-78-4 section 3.1).
bool is_for_key_management(KeyReference key) {
    return key == key_management_key || (key >= first_retired_key && key <= last_retired_key);
}

// Left of the number come zeros until it has `size` octets.
Result<Bytes> padded_to(Bytes number, std::size_t size) {
    if (number.size() > size) {
        return nonsense("a number that is too long");
    }
    if (number.size() == size) {
        return number;
    }
    Bytes padded(size - number.size(), 0);
    padded.insert(padded.end(), number.begin(), number.end());
    wipe(number);
    return padded;
}

// The operation with an RSA key on a block as long as the modulus, checked.
Result<Bytes> rsa_operation(const CardKey& key, ByteView block, const CardOperation& operation) {
    SIGNET_TRY(Bytes answer, operation(block));
    SIGNET_TRY(Bytes result, padded_to(std::move(answer), block.size()));
    if (auto checked = token::check_rsa_result(key.public_key, block, result); !checked) {
        wipe(result);
        return Failure(std::move(checked).error());
    }
    return result;
}

Result<Bytes> sign_pkcs1(const CardKey& key, const token::SignRequest& request,
                         const CardOperation& operation) {
    SIGNET_TRY(const Bytes content, token::pkcs1_content(request));
    SIGNET_TRY(const Bytes block,
               token::pkcs1_signature_block(content, token::field_size(key.public_key.bits)));
    return rsa_operation(key, block, operation);
}

Result<Bytes> sign_pss(const CardKey& key, const token::SignRequest& request,
                       const CardOperation& operation) {
    SIGNET_TRY(const auto parameters, token::pss_parameters(request, token::field_size(key.public_key.bits)));
    SIGNET_TRY(const Bytes digest, token::digest_to_sign(request));
    SIGNET_TRY(const Bytes block, token::pss_signature_block(parameters, digest, key.public_key.bits));
    return rsa_operation(key, block, operation);
}

Result<Bytes> sign_ecdsa(const CardKey& key, const token::SignRequest& request,
                         const CardOperation& operation) {
    const std::size_t field = token::field_size(key.public_key.bits);
    SIGNET_TRY(Bytes digest, token::ecdsa_digest(request, field));
    // Cards want exactly the field's length.
    SIGNET_TRY(const Bytes input, padded_to(std::move(digest), field));
    SIGNET_TRY(const Bytes signature, operation(input));
    SIGNET_CHECK(token::check_ecdsa_signature(key.public_key, input, signature));
    return token::ecdsa_pair(signature, field);
}

Result<Bytes> sign_eddsa(const CardKey& key, const token::SignRequest& request,
                         const CardOperation& operation) {
    SIGNET_CHECK(token::check_eddsa_request(request));
    SIGNET_TRY(Bytes signature, operation(request.data));
    if (signature.size() != eddsa_signature_size) {
        return nonsense("no EdDSA signature");
    }
    SIGNET_CHECK(token::check_eddsa_signature(key.public_key, request.data, signature));
    return signature;
}

// Not below the modulus: no key has made it, and cards refuse it.
bool is_out_of_range(const CardKey& key, ByteView ciphertext) {
    const Bytes& modulus = key.public_key.modulus;
    return !std::lexicographical_compare(ciphertext.begin(), ciphertext.end(), modulus.begin(),
                                         modulus.end());
}

Result<Bytes> decrypt_pkcs1(const CardKey& key, const token::DecryptRequest& request,
                            const token::RejectionSecrets& secrets, const CardOperation& operation) {
    const std::size_t size = token::field_size(key.public_key.bits);
    SIGNET_TRY(const Secret secret, secrets.of_key(key.id));
    SIGNET_TRY(auto substitute, token::substitute_plaintext(secret.expose(), request.ciphertext, size));
    // A block of zeros has bad padding.
    Bytes block(size, 0);
    if (request.ciphertext.size() == size && !is_out_of_range(key, request.ciphertext)) {
        SIGNET_TRY(block, rsa_operation(key, request.ciphertext, operation));
    }
    return token::pkcs1_message_or_substitute(std::move(block), std::move(substitute));
}

Result<Bytes> decrypt_oaep(const CardKey& key, const token::DecryptRequest& request,
                           const CardOperation& operation) {
    if (request.ciphertext.size() != token::field_size(key.public_key.bits) ||
        is_out_of_range(key, request.ciphertext)) {
        return token::oaep_failure();
    }
    const HashAlgorithm hash = request.hash.value_or(HashAlgorithm::sha1);
    SIGNET_TRY(Bytes block, rsa_operation(key, request.ciphertext, operation));
    return token::oaep_message(
        {.hash = hash, .mask_hash = request.mask_hash.value_or(hash), .label = request.label},
        std::move(block));
}

}  // namespace

std::vector<SignatureScheme> signature_schemes(const CardKey& key) {
    if (is_rsa(key)) {
        return {SignatureScheme::rsa_pkcs1, SignatureScheme::rsa_pss};
    }
    if (key.public_key.type == KeyType::ed25519) {
        return {SignatureScheme::eddsa};
    }
    if (key.public_key.type == KeyType::ec && !is_for_key_management(key.reference)) {
        return {SignatureScheme::ecdsa};
    }
    return {};
}

std::vector<DecryptionScheme> decryption_schemes(const CardKey& key) {
    return is_rsa(key) ? std::vector{DecryptionScheme::rsa_pkcs1, DecryptionScheme::rsa_oaep}
                       : std::vector<DecryptionScheme>();
}

bool can_derive(const CardKey& key) {
    return key.public_key.type == KeyType::x25519 ||
           (key.public_key.type == KeyType::ec && is_for_key_management(key.reference));
}

Result<Bytes> sign(const CardKey& key, const token::SignRequest& request, const CardOperation& operation) {
    const auto schemes = signature_schemes(key);
    if (std::find(schemes.begin(), schemes.end(), request.scheme) == schemes.end()) {
        return unsupported("sign", name_of(request.scheme), key);
    }
    switch (request.scheme) {
        case SignatureScheme::rsa_pkcs1:
            return sign_pkcs1(key, request, operation);
        case SignatureScheme::rsa_pss:
            return sign_pss(key, request, operation);
        case SignatureScheme::ecdsa:
            return sign_ecdsa(key, request, operation);
        case SignatureScheme::eddsa:
            break;
    }
    return sign_eddsa(key, request, operation);
}

Result<Bytes> decrypt(const CardKey& key, const token::DecryptRequest& request,
                      const token::RejectionSecrets& secrets, const CardOperation& operation) {
    const auto schemes = decryption_schemes(key);
    if (std::find(schemes.begin(), schemes.end(), request.scheme) == schemes.end()) {
        return unsupported("decrypt", name_of(request.scheme), key);
    }
    return request.scheme == DecryptionScheme::rsa_pkcs1 ? decrypt_pkcs1(key, request, secrets, operation)
                                                         : decrypt_oaep(key, request, operation);
}

Result<Bytes> derive(const CardKey& key, const token::DeriveRequest& request,
                     const CardOperation& operation) {
    if (!can_derive(key)) {
        return unsupported("derive", "key agreement", key);
    }
    SIGNET_CHECK(token::check_kdf(request));
    SIGNET_CHECK(token::check_peer_point(key.public_key, request.public_key));
    SIGNET_TRY(Bytes answer, operation(request.public_key));
    const std::size_t field = token::field_size(key.public_key.bits);
    if (answer.empty()) {
        return nonsense("a secret without value");
    }
    SIGNET_TRY(Bytes secret, padded_to(std::move(answer), field));
    return token::derived_key(request, std::move(secret));
}

}  // namespace signet::piv
