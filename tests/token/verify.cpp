#include "tests/token/verify.h"

#include "token/digest.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

namespace signet::test {
namespace {

using Prepare = std::function<void(EVP_PKEY_CTX*)>;

void nothing(EVP_PKEY_CTX* /*context*/) {}

bool verifies(ByteView public_key_info, const EVP_MD* hash, ByteView message, ByteView signature,
              const Prepare& prepare) {
    const auto key = public_key(public_key_info);
    const x509::DigestContextPointer context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* key_context = nullptr;
    if (EVP_DigestVerifyInit(context.get(), &key_context, hash, nullptr, key.get()) != 1) {
        return false;
    }
    prepare(key_context);
    return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                            message.size()) == 1;
}

Bytes encrypt(ByteView public_key_info, ByteView message, const Prepare& prepare) {
    const auto key = public_key(public_key_info);
    const x509::KeyContextPointer context(EVP_PKEY_CTX_new(key.get(), nullptr));
    EVP_PKEY_encrypt_init(context.get());
    prepare(context.get());
    Bytes ciphertext(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())));
    std::size_t length = ciphertext.size();
    if (EVP_PKEY_encrypt(context.get(), ciphertext.data(), &length, message.data(), message.size()) != 1) {
        throw std::runtime_error(x509::openssl_error("EVP_PKEY_encrypt").detail);
    }
    return ciphertext;
}

}  // namespace

x509::KeyPointer public_key(ByteView public_key_info) {
    const unsigned char* position = public_key_info.data();
    return x509::KeyPointer(d2i_PUBKEY(nullptr, &position, static_cast<long>(public_key_info.size())));
}

bool verifies_pkcs1(ByteView public_key_info, HashAlgorithm hash, ByteView message, ByteView signature) {
    return verifies(public_key_info, token::message_digest(hash), message, signature, nothing);
}

bool verifies_pss(ByteView public_key_info, HashAlgorithm hash, HashAlgorithm mask_hash, int salt_length,
                  ByteView message, ByteView signature) {
    return verifies(public_key_info, token::message_digest(hash), message, signature,
                    [&](EVP_PKEY_CTX* context) {
                        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING);
                        EVP_PKEY_CTX_set_rsa_mgf1_md(context, token::message_digest(mask_hash));
                        EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt_length);
                    });
}

bool verifies_ecdsa(ByteView public_key_info, HashAlgorithm hash, ByteView message, ByteView signature) {
    const x509::Pointer<ECDSA_SIG, ECDSA_SIG_free> pair(ECDSA_SIG_new());
    const auto half = static_cast<int>(signature.size() / 2);
    ECDSA_SIG_set0(pair.get(), BN_bin2bn(signature.data(), half, nullptr),
                   BN_bin2bn(signature.data() + half, half, nullptr));
    unsigned char* encoded = nullptr;
    const int length = i2d_ECDSA_SIG(pair.get(), &encoded);
    const x509::OpensslOctets owner(encoded);
    return length > 0 && verifies(public_key_info, token::message_digest(hash), message,
                                  {encoded, static_cast<std::size_t>(length)}, nothing);
}

bool verifies_eddsa(ByteView public_key_info, ByteView message, ByteView signature) {
    return verifies(public_key_info, nullptr, message, signature, nothing);
}

Bytes encrypt_pkcs1(ByteView public_key_info, ByteView message) {
    return encrypt(public_key_info, message,
                   [](EVP_PKEY_CTX* context) { EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING); });
}

Bytes encrypt_oaep(ByteView public_key_info, HashAlgorithm hash, HashAlgorithm mask_hash, ByteView label,
                   ByteView message) {
    return encrypt(public_key_info, message, [&](EVP_PKEY_CTX* context) {
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING);
        EVP_PKEY_CTX_set_rsa_oaep_md(context, token::message_digest(hash));
        EVP_PKEY_CTX_set_rsa_mgf1_md(context, token::message_digest(mask_hash));
        if (!label.empty()) {
            void* copy = OPENSSL_memdup(label.data(), label.size());
            EVP_PKEY_CTX_set0_rsa_oaep_label(context, copy, static_cast<int>(label.size()));
        }
    });
}

x509::KeyPointer generate_ec_key(const char* group) {
    return x509::KeyPointer(EVP_EC_gen(group));
}

Bytes point_of(const EVP_PKEY* key) {
    std::size_t length = 0;
    EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0, &length);
    Bytes point(length);
    EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &length);
    return point;
}

Bytes agree(EVP_PKEY* own, ByteView peer_public_key_info) {
    const auto peer = public_key(peer_public_key_info);
    const x509::KeyContextPointer context(EVP_PKEY_CTX_new(own, nullptr));
    EVP_PKEY_derive_init(context.get());
    EVP_PKEY_derive_set_peer(context.get(), peer.get());
    std::size_t length = 0;
    EVP_PKEY_derive(context.get(), nullptr, &length);
    Bytes secret(length);
    EVP_PKEY_derive(context.get(), secret.data(), &length);
    return secret;
}

}  // namespace signet::test
