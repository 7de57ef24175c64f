#include "smime/encrypt.h"

#include "smime/canonical.h"
#include "smime/cms.h"
#include "smime/cms_writer.h"
#include "smime/legacy_display.h"
#include "smime/limits.h"
#include "smime/pkcs7_mime.h"
#include "smime/transfer_encoding.h"

#include <openssl/rsa.h>

namespace signet::smime {
namespace {

constexpr unsigned int encryption_flags = CMS_PARTIAL | CMS_STREAM | CMS_BINARY;
// RFC 5751 section 3.3, RFC 8551 section 3.2.2.
std::string_view smime_type_of(ContentCipher cipher) {
    return is_authenticated(cipher) ? "authEnveloped-data" : "enveloped-data";
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

Result<x509::CmsPointer> prepare_envelope(const EncryptOptions& options) {
    const EVP_CIPHER* cipher = EVP_get_cipherbynid(nid_of(options.cipher));
    x509::CmsPointer cms(CMS_encrypt(nullptr, nullptr, cipher, encryption_flags));
    if (!cms) {
        return x509::openssl_failure("CMS_encrypt");
    }
    for (const auto& certificate : without_duplicates(options.recipients)) {
        SIGNET_CHECK(add_recipient(cms.get(), certificate, options));
    }
    return cms;
}

Result<void> check_options(const EncryptOptions& options) {
    if (options.recipients.empty()) {
        return failure(ErrorCode::invalid_parameter, "encrypt", "recipients: none");
    }
    if (options.recipients.size() > max_recipients) {
        return failure(ErrorCode::too_large, "encrypt", "more than 1024 recipients");
    }
    if (options.header_protection == HeaderProtection::clear) {
        return failure(ErrorCode::invalid_parameter, "encrypt", "header protection: clear");
    }
    return {};
}

}  // namespace

Result<void> encrypt(const Source& mail, Sink& out, const EncryptOptions& options) {
    SIGNET_CHECK(check_options(options));
    SIGNET_TRY(const x509::CmsPointer cms, prepare_envelope(options));
    std::unique_ptr<EditedSource> shown;
    if (options.header_protection == HeaderProtection::cipher) {
        SIGNET_TRY(shown, with_legacy_display(mail));
    }
    SIGNET_TRY(CanonicalMail canonical, CanonicalMail::open(shown ? *shown : mail));
    if (options.drop_bcc) {
        canonical.drop_field("Bcc");
    }
    SIGNET_CHECK(canonical.protect_header(options.header_protection));
    const std::string header =
        canonical.outer_header() + pkcs7_mime_fields(smime_type_of(options.cipher), "smime.p7m");
    BlockSink blocks(out);
    SIGNET_CHECK(blocks.write(with_line_ending(header, canonical.line_ending())));
    Base64Sink base64(blocks, canonical.line_ending());
    BlockSink octets(base64);
    CmsWriter envelope(cms.get(), octets);
    SIGNET_CHECK(canonical.write_entity(envelope));
    SIGNET_CHECK(envelope.finish());
    SIGNET_CHECK(octets.flush());
    SIGNET_CHECK(base64.finish());
    return blocks.flush();
}

Result<void> encrypt_content(const Source& content, Sink& out, const EncryptOptions& options) {
    SIGNET_CHECK(check_options(options));
    SIGNET_TRY(const x509::CmsPointer cms, prepare_envelope(options));
    BlockSink blocks(out);
    CmsWriter envelope(cms.get(), blocks);
    RangeReader reader(content);
    SIGNET_CHECK(copy(reader, envelope));
    SIGNET_CHECK(envelope.finish());
    return blocks.flush();
}

}  // namespace signet::smime
