#include "piv/key_operation.h"

#include "piv/key_check.h"
#include "token/digest.h"
#include "token/encryption_padding.h"
#include "token/key_derivation.h"
#include "token/signature_padding.h"
#include "x509/openssl.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include <algorithm>

namespace signet::piv {
namespace {

// Programs may hand a digest of a hash that signet has no name for.
constexpr std::size_t max_bare_digest = 64;
constexpr std::size_t eddsa_signature_size = 64;

using SignaturePointer = x509::Pointer<ECDSA_SIG, ECDSA_SIG_free>;

Failure wrong(const char* operation, const char* parameter) {
    return failure(ErrorCode::invalid_parameter, operation, parameter);
}

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

Result<Bytes> digest_of(const token::SignRequest& request) {
    if (request.data_is_message) {
        return request.hash ? token::digest(*request.hash, request.data)
                            : Result<Bytes>(wrong("sign", "hash"));
    }
    if (request.hash && request.data.size() != digest_size(*request.hash)) {
        return wrong("sign", "digest");
    }
    return request.data;
}

// The operation with an RSA key on a block as long as the modulus, checked.
Result<Bytes> rsa_operation(const CardKey& key, ByteView block, const CardOperation& operation) {
    SIGNET_TRY(Bytes answer, operation(block));
    SIGNET_TRY(Bytes result, padded_to(std::move(answer), block.size()));
    if (auto checked = check_rsa_result(key.public_key, block, result); !checked) {
        wipe(result);
        return Failure(std::move(checked).error());
    }
    return result;
}

Result<Bytes> sign_pkcs1(const CardKey& key, const token::SignRequest& request,
                         const CardOperation& operation) {
    SIGNET_TRY(Bytes content, digest_of(request));
    if (request.hash) {
        SIGNET_TRY(content, token::digest_info(*request.hash, content));
    }
    SIGNET_TRY(const Bytes block,
               token::pkcs1_signature_block(content, token::field_size(key.public_key.bits)));
    return rsa_operation(key, block, operation);
}

Result<Bytes> sign_pss(const CardKey& key, const token::SignRequest& request,
                       const CardOperation& operation) {
    if (!request.hash) {
        return wrong("sign", "hash");
    }
    const std::size_t digest_length = digest_size(*request.hash);
    const auto salt_length = request.salt_length.value_or(static_cast<std::uint32_t>(digest_length));
    if (digest_length + salt_length + 2 > token::field_size(key.public_key.bits)) {
        return wrong("sign", "salt_length");
    }
    SIGNET_TRY(const Bytes digest, digest_of(request));
    const token::PssParameters parameters{.hash = *request.hash,
                                          .mask_hash = request.mask_hash.value_or(*request.hash),
                                          .salt_length = salt_length};
    SIGNET_TRY(const Bytes block, token::pss_signature_block(parameters, digest, key.public_key.bits));
    return rsa_operation(key, block, operation);
}

// r and s, each of the field's length, of a signature in DER.
Result<Bytes> signature_pair(ByteView der, std::size_t field) {
    const unsigned char* position = der.data();
    const SignaturePointer signature(d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(der.size())));
    Bytes pair(2 * field);
    const auto length = static_cast<int>(field);
    if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), pair.data(), length) < 0 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), pair.data() + field, length) < 0) {
        ERR_clear_error();
        return nonsense("no ECDSA signature");
    }
    return pair;
}

Result<Bytes> sign_ecdsa(const CardKey& key, const token::SignRequest& request,
                         const CardOperation& operation) {
    const std::size_t field = token::field_size(key.public_key.bits);
    SIGNET_TRY(Bytes digest, digest_of(request));
    if (digest.empty() || digest.size() > max_bare_digest) {
        return wrong("sign", "digest");
    }
    // FIPS 186-5 section 6.4.1 takes the leftmost bits; cards want exactly the field's length.
    digest.resize(std::min(digest.size(), field));
    SIGNET_TRY(const Bytes input, padded_to(std::move(digest), field));
    SIGNET_TRY(const Bytes signature, operation(input));
    SIGNET_CHECK(check_ecdsa_signature(key.public_key, input, signature));
    return signature_pair(signature, field);
}

Result<Bytes> sign_eddsa(const CardKey& key, const token::SignRequest& request,
                         const CardOperation& operation) {
    if (!request.data_is_message) {
        return wrong("sign", "digest");
    }
    if (request.hash) {
        return wrong("sign", "hash");
    }
    SIGNET_TRY(Bytes signature, operation(request.data));
    if (signature.size() != eddsa_signature_size) {
        return nonsense("no EdDSA signature");
    }
    SIGNET_CHECK(check_eddsa_signature(key.public_key, request.data, signature));
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
    if (request.kdf_hash.has_value() != request.length.has_value()) {
        return wrong("derive", request.length ? "kdf_hash" : "length");
    }
    SIGNET_CHECK(token::check_peer_point(key.public_key, request.public_key));
    SIGNET_TRY(Bytes answer, operation(request.public_key));
    const std::size_t field = token::field_size(key.public_key.bits);
    if (answer.empty()) {
        return nonsense("a secret without value");
    }
    SIGNET_TRY(Bytes secret, padded_to(std::move(answer), field));
    if (!request.kdf_hash) {
        return secret;
    }
    auto derived = token::x963_derive(*request.kdf_hash, secret, request.shared_info, *request.length);
    wipe(secret);
    return derived;
}

}  // namespace signet::piv
