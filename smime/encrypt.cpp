#include "smime/encrypt.h"

#include "smime/canonical.h"
#include "smime/cms.h"
#include "smime/limits.h"

#include <openssl/rsa.h>

#include <array>

namespace signet::smime {
namespace {

constexpr unsigned int encryption_flags = CMS_PARTIAL | CMS_BINARY;
constexpr std::array<std::string_view, 4> cipher_names{"aes128_cbc", "aes256_cbc", "aes128_gcm",
                                                       "aes256_gcm"};

const EVP_CIPHER* cipher_of(ContentCipher cipher) {
    switch (cipher) {
        case ContentCipher::aes128_cbc:
            return EVP_aes_128_cbc();
        case ContentCipher::aes256_cbc:
            return EVP_aes_256_cbc();
        case ContentCipher::aes128_gcm:
            return EVP_aes_128_gcm();
        case ContentCipher::aes256_gcm:
            return EVP_aes_256_gcm();
    }
    return nullptr;
}

// RFC 5751 section 3.3, RFC 8551 section 3.2.2.
std::string_view smime_type_of(ContentCipher cipher) {
    const bool authenticated = cipher == ContentCipher::aes128_gcm || cipher == ContentCipher::aes256_gcm;
    return authenticated ? "authEnveloped-data" : "enveloped-data";
}

Result<void> set_oaep(EVP_PKEY_CTX* context) {
    if (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) != 1 ||
        EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) != 1 ||
        EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) != 1) {
        return x509::openssl_failure("EVP_PKEY_CTX_set_rsa_oaep_md");
    }
    return {};
}

// RFC 5753: the KDF hash goes with the curve. OpenSSL's default is SHA-1.
const EVP_MD* kdf_digest_for(const EVP_PKEY* key) {
    if (EVP_PKEY_get_bits(key) <= 256) {
        return EVP_sha256();
    }
    return EVP_PKEY_get_bits(key) <= 384 ? EVP_sha384() : EVP_sha512();
}

Result<void> set_parameters(EVP_PKEY_CTX* context, const EVP_PKEY* key, const EncryptOptions& options) {
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
        return options.oaep ? set_oaep(context) : Result<void>();
    }
    if (EVP_PKEY_CTX_set_ecdh_kdf_md(context, kdf_digest_for(key)) != 1) {
        return x509::openssl_failure("EVP_PKEY_CTX_set_ecdh_kdf_md");
    }
    return {};
}

Result<void> check_recipient(const x509::Certificate& certificate) {
    const EVP_PKEY* key = X509_get0_pubkey(certificate.get());
    if (key == nullptr ||
        (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA && EVP_PKEY_get_base_id(key) != EVP_PKEY_EC)) {
        return failure(ErrorCode::unsupported, "encrypt",
                       "neither an RSA nor an EC key: " + certificate.subject());
    }
    if (!certificate.may_encrypt_mail()) {
        return failure(ErrorCode::invalid_parameter, "encrypt",
                       "not for encryption of mail: " + certificate.subject());
    }
    return {};
}

Result<void> add_recipient(CMS_ContentInfo* cms, const x509::Certificate& certificate,
                           const EncryptOptions& options) {
    SIGNET_CHECK(check_recipient(certificate));
    CMS_RecipientInfo* recipient = CMS_add1_recipient_cert(cms, certificate.get(), CMS_KEY_PARAM);
    if (recipient == nullptr) {
        return x509::openssl_failure("CMS_add1_recipient_cert");
    }
    return set_parameters(CMS_RecipientInfo_get0_pkey_ctx(recipient), X509_get0_pubkey(certificate.get()),
                          options);
}

Result<x509::CmsPointer> encrypt_entity(std::string_view entity, const EncryptOptions& options) {
    x509::CmsPointer cms(CMS_encrypt(nullptr, nullptr, cipher_of(options.cipher), encryption_flags));
    if (!cms) {
        return x509::openssl_failure("CMS_encrypt");
    }
    for (const auto& certificate : without_duplicates(options.recipients)) {
        SIGNET_CHECK(add_recipient(cms.get(), certificate, options));
    }
    const x509::BioPointer content = x509::memory_reader(as_bytes(entity));
    if (!content || CMS_final(cms.get(), content.get(), nullptr, encryption_flags) != 1) {
        return x509::openssl_failure("CMS_final");
    }
    return cms;
}

}  // namespace

std::string_view name_of(ContentCipher cipher) {
    return cipher_names.at(static_cast<std::size_t>(cipher));
}

std::optional<ContentCipher> content_cipher_from_name(std::string_view name) {
    for (std::size_t i = 0; i < cipher_names.size(); ++i) {
        if (cipher_names.at(i) == name) {
            return static_cast<ContentCipher>(i);
        }
    }
    return std::nullopt;
}

Result<std::string> encrypt(std::string_view mail, const EncryptOptions& options) {
    if (options.recipients.empty()) {
        return failure(ErrorCode::invalid_parameter, "encrypt", "recipients: none");
    }
    if (options.recipients.size() > max_recipients) {
        return failure(ErrorCode::too_large, "encrypt", "more than 1024 recipients");
    }
    SIGNET_TRY(PreparedMail prepared, prepare_mail(mail));
    SIGNET_TRY(const x509::CmsPointer cms, encrypt_entity(prepared.entity, options));
    SIGNET_TRY(const std::string result,
               pkcs7_mime_mail(std::move(prepared.outer_header), smime_type_of(options.cipher), cms.get()));
    return with_line_ending(result, prepared.line_ending);
}

}  // namespace signet::smime
