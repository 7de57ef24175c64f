#include "pkcs11/driver/error.h"
#include "pkcs11/driver/operations.h"
#include "pkcs11/driver/rsa_parameters.h"
#include "token/sign_request.h"
#include "token/signature_padding.h"

#include <algorithm>

namespace signet::pkcs11 {
namespace {

Result<Bytes> rsa_signature(Result<Bytes> signature, std::size_t modulus_size) {
    if (signature && signature->size() != modulus_size) {
        return nonsense("C_Sign", "length of an RSA signature");
    }
    return signature;
}

Result<Bytes> sign_pkcs1(KeyOperation& operation, const token::SignRequest& request) {
    const std::size_t size = token::field_size(operation.key().bits);
    SIGNET_TRY(const Bytes content, token::pkcs1_content(request));
    SIGNET_TRY(const Bytes block, token::pkcs1_signature_block(content, size));
    auto signature = operation.sign(plain_mechanism(CKM_RSA_PKCS), content, size);
    if (!signature && is_refused_mechanism(signature.error())) {
        signature = operation.sign(plain_mechanism(CKM_RSA_X_509), block, size);
    }
    return rsa_signature(std::move(signature), size);
}

Result<Bytes> sign_pss(KeyOperation& operation, const token::SignRequest& request) {
    const std::size_t size = token::field_size(operation.key().bits);
    SIGNET_TRY(const auto parameters, token::pss_parameters(request, size));
    SIGNET_TRY(const Bytes digest, token::digest_to_sign(request));
    CK_RSA_PKCS_PSS_PARAMS native{.hashAlg = hash_mechanism(parameters.hash),
                                  .mgf = mask_generation(parameters.mask_hash),
                                  .sLen = parameters.salt_length};
    auto signature = operation.sign(
        {.mechanism = CKM_RSA_PKCS_PSS, .pParameter = &native, .ulParameterLen = sizeof(native)}, digest,
        size);
    if (!signature && is_refused_mechanism(signature.error())) {
        SIGNET_TRY(const Bytes block, token::pss_signature_block(parameters, digest, operation.key().bits));
        signature = operation.sign(plain_mechanism(CKM_RSA_X_509), block, size);
    }
    return rsa_signature(std::move(signature), size);
}

// r and s, each brought to the field's length: some modules leave out leading zeros of both.
Result<Bytes> full_length_pair(Bytes pair, std::size_t field) {
    if (pair.size() == 2 * field) {
        return pair;
    }
    if (pair.empty() || pair.size() % 2 != 0) {
        return nonsense("C_Sign", "length of an ECDSA signature");
    }
    const auto middle = pair.begin() + static_cast<std::ptrdiff_t>(pair.size() / 2);
    SIGNET_TRY(Bytes signature, padded_to(Bytes(pair.begin(), middle), field, "C_Sign"));
    SIGNET_TRY(const Bytes s, padded_to(Bytes(middle, pair.end()), field, "C_Sign"));
    signature.insert(signature.end(), s.begin(), s.end());
    return signature;
}

Result<Bytes> sign_ecdsa(KeyOperation& operation, const token::SignRequest& request) {
    const std::size_t field = token::field_size(operation.key().bits);
    SIGNET_TRY(const Bytes digest, token::ecdsa_digest(request, field));
    SIGNET_TRY(Bytes signature, operation.sign(plain_mechanism(CKM_ECDSA), digest, 2 * field));
    return full_length_pair(std::move(signature), field);
}

Result<Bytes> sign_eddsa(KeyOperation& operation, const token::SignRequest& request) {
    SIGNET_CHECK(token::check_eddsa_request(request));
    // RFC 8032: 64 octets with Ed25519, 114 with Ed448.
    const std::size_t size = operation.key().type == KeyType::ed25519 ? 64 : 114;
    SIGNET_TRY(Bytes signature, operation.sign(plain_mechanism(CKM_EDDSA), request.data, size));
    if (signature.size() != size) {
        return nonsense("C_Sign", "length of an EdDSA signature");
    }
    return signature;
}

}  // namespace

Result<Bytes> padded_to(Bytes number, std::size_t size, std::string_view operation) {
    if (number.size() > size) {
        return nonsense(operation, "length of a number");
    }
    if (number.size() == size) {
        return number;
    }
    Bytes padded(size - number.size(), 0);
    padded.insert(padded.end(), number.begin(), number.end());
    wipe(number);
    return padded;
}

Result<Bytes> sign(KeyOperation& operation, const token::SignRequest& request) {
    const auto& schemes = operation.key().signature_schemes;
    if (std::find(schemes.begin(), schemes.end(), request.scheme) == schemes.end()) {
        return failure(ErrorCode::unsupported, "sign",
                       std::string(name_of(request.scheme)) + " with this key of type " +
                           std::string(name_of(operation.key().type)));
    }
    switch (request.scheme) {
        case SignatureScheme::rsa_pkcs1:
            return sign_pkcs1(operation, request);
        case SignatureScheme::rsa_pss:
            return sign_pss(operation, request);
        case SignatureScheme::ecdsa:
            return sign_ecdsa(operation, request);
        case SignatureScheme::eddsa:
            break;
    }
    return sign_eddsa(operation, request);
}

}  // namespace signet::pkcs11
