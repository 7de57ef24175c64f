#include "pkcs11/driver/error.h"
#include "pkcs11/driver/operations.h"
#include "token/key_derivation.h"

#include <array>

namespace signet::pkcs11 {
namespace {

Result<CK_OBJECT_HANDLE> derive_key(const KeyOperation& operation, ByteView point) {
    CK_ECDH1_DERIVE_PARAMS parameters{.kdf = CKD_NULL,
                                      .ulSharedDataLen = 0,
                                      .pSharedData = nullptr,
                                      .ulPublicDataLen = point.size(),
                                      .pPublicData = const_cast<std::uint8_t*>(point.data())};
    CK_MECHANISM mechanism{
        .mechanism = CKM_ECDH1_DERIVE, .pParameter = &parameters, .ulParameterLen = sizeof(parameters)};
    CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_ULONG length = token::field_size(operation.key().bits);
    std::array attributes{CK_ATTRIBUTE{CKA_CLASS, &object_class, sizeof(object_class)},
                          CK_ATTRIBUTE{CKA_KEY_TYPE, &type, sizeof(type)},
                          CK_ATTRIBUTE{CKA_TOKEN, &no, sizeof(no)},
                          CK_ATTRIBUTE{CKA_SENSITIVE, &no, sizeof(no)},
                          CK_ATTRIBUTE{CKA_EXTRACTABLE, &yes, sizeof(yes)},
                          CK_ATTRIBUTE{CKA_VALUE_LEN, &length, sizeof(length)}};
    CK_OBJECT_HANDLE secret = 0;
    const Session& session = operation.session();
    SIGNET_CHECK(
        check("C_DeriveKey", session.functions().C_DeriveKey(session.handle(), &mechanism, operation.handle(),
                                                             attributes.data(), attributes.size(), &secret)));
    return secret;
}

// The standard wants the bare point; older modules take it in a DER OCTET STRING only.
Result<CK_OBJECT_HANDLE> derive_key_with_either_form(const KeyOperation& operation, ByteView point) {
    auto secret = derive_key(operation, point);
    if (secret) {
        return secret;
    }
    const auto value = static_cast<CK_RV>(secret.error().native_code);
    if (value != CKR_ARGUMENTS_BAD && value != CKR_MECHANISM_PARAM_INVALID &&
        value != CKR_DOMAIN_PARAMS_INVALID) {
        return secret;
    }
    return derive_key(operation, token::der_octet_string(point));
}

Result<Bytes> shared_secret(const KeyOperation& operation, ByteView point) {
    SIGNET_TRY(const CK_OBJECT_HANDLE secret, derive_key_with_either_form(operation, point));
    const Session& session = operation.session();
    auto value = session.attribute(secret, CKA_VALUE);
    const CK_RV destroyed = session.functions().C_DestroyObject(session.handle(), secret);
    if (!value || value->empty()) {
        return nonsense("C_DeriveKey", "a secret without value");
    }
    if (destroyed != CKR_OK) {
        wipe(*value);
        return failed("C_DestroyObject", destroyed);
    }
    return padded_to(*std::move(value), token::field_size(operation.key().bits), "C_DeriveKey");
}

}  // namespace

Result<Bytes> derive(KeyOperation& operation, const token::DeriveRequest& request) {
    if (!operation.key().derive) {
        return failure(ErrorCode::unsupported, "derive", "key agreement with this key");
    }
    SIGNET_CHECK(token::check_kdf(request));
    SIGNET_CHECK(token::check_peer_point(operation.public_key(), request.public_key));
    SIGNET_TRY(Bytes secret, shared_secret(operation, request.public_key));
    return token::derived_key(request, std::move(secret));
}

}  // namespace signet::pkcs11
