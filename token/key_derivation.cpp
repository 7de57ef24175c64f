#include "token/key_derivation.h"

#include "token/digest.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>

namespace signet::token {
namespace {

using KdfPointer = x509::Pointer<EVP_KDF, EVP_KDF_free>;
using KdfContextPointer = x509::Pointer<EVP_KDF_CTX, EVP_KDF_CTX_free>;

OSSL_PARAM octets_parameter(const char* name, ByteView octets) {
    // OpenSSL takes no address of nothing.
    static std::uint8_t nothing = 0;
    void* data = octets.empty() ? &nothing : const_cast<std::uint8_t*>(octets.data());
    return OSSL_PARAM_construct_octet_string(name, data, octets.size());
}

}  // namespace

Result<Bytes> x963_derive(HashAlgorithm hash, ByteView shared_secret, ByteView shared_info,
                          std::size_t length) {
    if (length == 0 || length > max_derived_size) {
        return failure(ErrorCode::invalid_parameter, "derive", "length");
    }
    const KdfPointer kdf(EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_X963KDF, nullptr));
    const KdfContextPointer context(EVP_KDF_CTX_new(kdf.get()));
    const std::array parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                         const_cast<char*>(EVP_MD_get0_name(message_digest(hash))), 0),
        octets_parameter(OSSL_KDF_PARAM_KEY, shared_secret),
        octets_parameter(OSSL_KDF_PARAM_INFO, shared_info), OSSL_PARAM_construct_end()};
    Bytes derived(length);
    if (!context || EVP_KDF_derive(context.get(), derived.data(), derived.size(), parameters.data()) != 1) {
        return x509::openssl_failure("EVP_KDF_derive");
    }
    return derived;
}

Result<void> check_kdf(const DeriveRequest& request) {
    if (request.kdf_hash.has_value() != request.length.has_value()) {
        return failure(ErrorCode::invalid_parameter, "derive", request.length ? "kdf_hash" : "length");
    }
    return {};
}

Result<Bytes> derived_key(const DeriveRequest& request, Bytes shared_secret) {
    if (!request.kdf_hash) {
        return shared_secret;
    }
    auto key = x963_derive(*request.kdf_hash, shared_secret, request.shared_info, *request.length);
    wipe(shared_secret);
    return key;
}

}  // namespace signet::token
