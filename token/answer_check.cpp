#include "token/answer_check.h"

#include "x509/openssl.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <algorithm>

namespace signet::token {
namespace {

using SignaturePointer = x509::Pointer<ECDSA_SIG, ECDSA_SIG_free>;

Result<x509::KeyPointer> openssl_key(const PublicKey& key) {
    const unsigned char* position = key.public_key_info.data();
    x509::KeyPointer parsed(d2i_PUBKEY(nullptr, &position, static_cast<long>(key.public_key_info.size())));
    if (!parsed) {
        return x509::openssl_failure("d2i_PUBKEY");
    }
    return parsed;
}

Failure mismatch() {
    ERR_clear_error();
    return failure(ErrorCode::bad_signature, "check the token's answer",
                   "it was not made with the key that was asked for");
}

}  // namespace

Result<void> check_rsa_result(const PublicKey& key, ByteView input, ByteView result) {
    SIGNET_TRY(const auto parsed, openssl_key(key));
    const x509::KeyContextPointer context(EVP_PKEY_CTX_new(parsed.get(), nullptr));
    Bytes raised(field_size(key.bits));
    std::size_t size = raised.size();
    if (!context || EVP_PKEY_encrypt_init(context.get()) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) != 1) {
        return x509::openssl_failure("EVP_PKEY_encrypt_init");
    }
    if (result.size() != raised.size() ||
        EVP_PKEY_encrypt(context.get(), raised.data(), &size, result.data(), result.size()) != 1 ||
        !std::equal(raised.begin(), raised.end(), input.begin(), input.end())) {
        return mismatch();
    }
    return {};
}

Result<void> check_ecdsa_signature(const PublicKey& key, ByteView digest, ByteView signature) {
    SIGNET_TRY(const auto parsed, openssl_key(key));
    const x509::KeyContextPointer context(EVP_PKEY_CTX_new(parsed.get(), nullptr));
    if (!context || EVP_PKEY_verify_init(context.get()) != 1) {
        return x509::openssl_failure("EVP_PKEY_verify_init");
    }
    if (EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(), digest.size()) !=
        1) {
        return mismatch();
    }
    return {};
}

Result<void> check_eddsa_signature(const PublicKey& key, ByteView message, ByteView signature) {
    SIGNET_TRY(const auto parsed, openssl_key(key));
    const x509::DigestContextPointer context(EVP_MD_CTX_new());
    if (!context || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, parsed.get()) != 1) {
        return x509::openssl_failure("EVP_DigestVerifyInit");
    }
    if (EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) !=
        1) {
        return mismatch();
    }
    return {};
}

Result<Bytes> ecdsa_pair(ByteView signature, std::size_t field_size) {
    const unsigned char* position = signature.data();
    const SignaturePointer parsed(d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(signature.size())));
    Bytes pair(2 * field_size);
    const auto length = static_cast<int>(field_size);
    if (!parsed || BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), pair.data(), length) < 0 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), pair.data() + field_size, length) < 0) {
        ERR_clear_error();
        return failure(ErrorCode::malformed, "read ECDSA signature", "not an ECDSA signature");
    }
    return pair;
}

}  // namespace signet::token
