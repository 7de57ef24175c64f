#include "smime/signature.h"

#include "smime/cms.h"
#include "smime/limits.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs7.h>
#include <openssl/rsa.h>

namespace signet::smime {
namespace {

using IssuerAndSerialPointer = x509::Pointer<PKCS7_ISSUER_AND_SERIAL, PKCS7_ISSUER_AND_SERIAL_free>;

void free_algorithms(STACK_OF(X509_ALGOR) * algorithms) {
    sk_X509_ALGOR_pop_free(algorithms, X509_ALGOR_free);
}

// Certificates are added by hand, and OpenSSL's own capabilities advertise DES and RC2.
constexpr unsigned int signer_flags =
    CMS_PARTIAL | CMS_STREAM | CMS_BINARY | CMS_NOSMIMECAP | CMS_NOCERTS | CMS_CADES | CMS_KEY_PARAM;

bool is_rsa(const EVP_PKEY* key) {
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
}

HashAlgorithm default_hash(const EVP_PKEY* key) {
    if (is_rsa(key) || EVP_PKEY_get_bits(key) <= 256) {
        return HashAlgorithm::sha256;
    }
    return EVP_PKEY_get_bits(key) <= 384 ? HashAlgorithm::sha384 : HashAlgorithm::sha512;
}

const EVP_MD* digest_of(HashAlgorithm hash) {
    switch (hash) {
        case HashAlgorithm::sha256:
            return EVP_sha256();
        case HashAlgorithm::sha384:
            return EVP_sha384();
        case HashAlgorithm::sha512:
            return EVP_sha512();
        default:
            return nullptr;
    }
}

// PSS needs room for digest, salt of the same length and two octets (RFC 8017 section 9.1.1).
bool pss_fits(const EVP_PKEY* key, HashAlgorithm hash) {
    return is_rsa(key) && static_cast<std::size_t>(EVP_PKEY_get_size(key)) >= 2 * digest_size(hash) + 2;
}

Result<void> check_options(const SignOptions& options, HashAlgorithm hash) {
    const EVP_PKEY* public_key = X509_get0_pubkey(options.certificate.get());
    if (options.private_key == nullptr || public_key == nullptr ||
        X509_check_private_key(options.certificate.get(), options.private_key) != 1) {
        ERR_clear_error();
        return failure(ErrorCode::invalid_parameter, "sign", "the private key is not the certificate's");
    }
    if (!is_rsa(public_key) && EVP_PKEY_get_base_id(public_key) != EVP_PKEY_EC) {
        return failure(ErrorCode::unsupported, "sign", "neither an RSA nor an EC key");
    }
    if (digest_of(hash) == nullptr) {
        return failure(ErrorCode::invalid_parameter, "sign", "hash: neither SHA-256, SHA-384 nor SHA-512");
    }
    if (options.timestamp && options.form == SignatureForm::opaque) {
        return failure(ErrorCode::unsupported, "sign", "a timestamp on a signature that holds its content");
    }
    if (options.pss && !pss_fits(public_key, hash)) {
        return failure(ErrorCode::invalid_parameter, "sign",
                       "pss: not an RSA key, or too short for the hash");
    }
    return {};
}

// In the order given, parameters absent (RFC 8551 section 2.5.2).
Result<void> add_capabilities(CMS_SignerInfo* signer, const std::vector<ContentCipher>& ciphers) {
    STACK_OF(X509_ALGOR)* list = nullptr;
    bool listed = true;
    for (const ContentCipher cipher : ciphers) {
        listed = listed && CMS_add_simple_smimecap(&list, nid_of(cipher), -1) == 1;
    }
    const x509::Pointer<STACK_OF(X509_ALGOR), free_algorithms> owner(list);
    if (!listed || (list != nullptr && CMS_add_smimecap(signer, list) != 1)) {
        return x509::openssl_failure("CMS_add_smimecap");
    }
    return {};
}

// SMIMEEncryptionKeyPreference (RFC 8551 section 2.5.3): issuerAndSerialNumber [0] IMPLICIT.
Result<void> add_encryption_preference(CMS_SignerInfo* signer, const x509::Certificate& certificate) {
    const IssuerAndSerialPointer identifier(PKCS7_ISSUER_AND_SERIAL_new());
    X509* const x509 = certificate.get();
    if (!identifier || X509_NAME_set(&identifier->issuer, X509_get_issuer_name(x509)) != 1 ||
        ASN1_STRING_copy(identifier->serial, X509_get0_serialNumber(x509)) != 1) {
        return x509::openssl_failure("SMIMEEncryptionKeyPreference");
    }
    unsigned char* octets = nullptr;
    const int size = i2d_PKCS7_ISSUER_AND_SERIAL(identifier.get(), &octets);
    const x509::OpensslOctets owner(octets);
    if (size <= 0) {
        return x509::openssl_failure("SMIMEEncryptionKeyPreference");
    }
    octets[0] = V_ASN1_CONTEXT_SPECIFIC | V_ASN1_CONSTRUCTED;
    if (CMS_signed_add1_attr_by_NID(signer, NID_id_smime_aa_encrypKeyPref, V_ASN1_SEQUENCE, octets, size) !=
        1) {
        return x509::openssl_failure("CMS_signed_add1_attr_by_NID");
    }
    return {};
}

Result<void> set_pss(CMS_SignerInfo* signer) {
    EVP_PKEY_CTX* context = CMS_SignerInfo_get0_pkey_ctx(signer);
    if (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) != 1 ||
        EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) != 1) {
        return x509::openssl_failure("EVP_PKEY_CTX_set_rsa_pss_saltlen");
    }
    return {};
}

Result<void> add_certificates(CMS_ContentInfo* cms, const SignOptions& options) {
    std::vector<x509::Certificate> certificates{options.certificate};
    certificates.insert(certificates.end(), options.chain.begin(), options.chain.end());
    if (options.encryption_certificate) {
        certificates.push_back(*options.encryption_certificate);
    }
    certificates = without_duplicates(certificates);
    if (certificates.size() > max_certificates) {
        return failure(ErrorCode::invalid_parameter, "sign",
                       "chain: more than " + std::to_string(max_certificates) + " certificates");
    }
    for (const auto& certificate : certificates) {
        if (CMS_add1_cert(cms, certificate.get()) != 1) {
            return x509::openssl_failure("CMS_add1_cert");
        }
    }
    return {};
}

// The algorithm is known when the signature is made. OpenSSL 3.0 refuses to encode a structure without one,
// and encodes all of it to find out what stands before a content that is written as it passes by.
Result<void> set_placeholder_algorithm(CMS_SignerInfo* signer) {
    X509_ALGOR* algorithm = nullptr;
    CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, nullptr, &algorithm);
    if (X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_rsaEncryption), V_ASN1_NULL, nullptr) != 1) {
        return x509::openssl_failure("X509_ALGOR_set0");
    }
    return {};
}

Result<void> add_signer(CMS_ContentInfo* cms, const SignOptions& options, HashAlgorithm hash) {
    CMS_SignerInfo* signer =
        CMS_add1_signer(cms, options.certificate.get(), options.private_key, digest_of(hash), signer_flags);
    if (signer == nullptr) {
        return Failure(x509::key_error("CMS_add1_signer"));
    }
    SIGNET_CHECK(set_placeholder_algorithm(signer));
    SIGNET_CHECK(add_capabilities(signer, options.capabilities));
    if (options.encryption_certificate) {
        SIGNET_CHECK(add_encryption_preference(signer, *options.encryption_certificate));
    }
    if (options.pss) {
        SIGNET_CHECK(set_pss(signer));
    }
    return {};
}

// OpenSSL refuses shorter ones as well; other programs do not, and some tokens add a zero in front.
Result<void> check_length(CMS_SignerInfo* signer, const x509::Certificate& certificate) {
    const EVP_PKEY* key = X509_get0_pubkey(certificate.get());
    const ASN1_OCTET_STRING* signature = CMS_SignerInfo_get0_signature(signer);
    if (is_rsa(key) && ASN1_STRING_length(signature) != EVP_PKEY_get_size(key)) {
        return failure(ErrorCode::driver_failed, "check the new signature", "not as long as the modulus");
    }
    return {};
}

}  // namespace

Result<HashAlgorithm> checked_hash(const SignOptions& options) {
    const EVP_PKEY* public_key = X509_get0_pubkey(options.certificate.get());
    const HashAlgorithm hash =
        options.hash.value_or(public_key != nullptr ? default_hash(public_key) : HashAlgorithm::sha256);
    SIGNET_CHECK(check_options(options, hash));
    return hash;
}

std::string_view micalg_of(HashAlgorithm hash) {
    switch (hash) {
        case HashAlgorithm::sha384:
            return "sha-384";
        case HashAlgorithm::sha512:
            return "sha-512";
        default:
            return "sha-256";
    }
}

Result<x509::CmsPointer> prepare_signature(const SignOptions& options, HashAlgorithm hash) {
    const bool detached = options.form == SignatureForm::detached;
    x509::CmsPointer cms(
        CMS_sign(nullptr, nullptr, nullptr, nullptr, signer_flags | (detached ? CMS_DETACHED : 0)));
    if (!cms) {
        return x509::openssl_failure("CMS_sign");
    }
    SIGNET_CHECK(add_signer(cms.get(), options, hash));
    SIGNET_CHECK(add_certificates(cms.get(), options));
    return cms;
}

Result<void> check_own_signature(CMS_ContentInfo* cms, const x509::Certificate& certificate) {
    CMS_SignerInfo* signer = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
    SIGNET_CHECK(check_length(signer, certificate));
    // Its public key takes the place of the private one.
    CMS_SignerInfo_set1_signer_cert(signer, certificate.get());
    if (CMS_SignerInfo_verify(signer) != 1) {
        return x509::openssl_failure("check the new signature", ErrorCode::driver_failed);
    }
    return {};
}

Result<void> add_timestamp(CMS_ContentInfo* cms, const SignOptions& options) {
    CMS_SignerInfo* signer = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
    const ASN1_OCTET_STRING* signature = CMS_SignerInfo_get0_signature(signer);
    const ByteView octets(ASN1_STRING_get0_data(signature),
                          static_cast<std::size_t>(ASN1_STRING_length(signature)));
    SIGNET_TRY(const auto token, options.timestamp(as_text(octets)));
    if (CMS_unsigned_add1_attr_by_NID(signer, NID_id_smime_aa_timeStampToken, V_ASN1_SEQUENCE, token.data(),
                                      static_cast<int>(token.size())) != 1) {
        return x509::openssl_failure("CMS_unsigned_add1_attr_by_NID");
    }
    return {};
}

}  // namespace signet::smime
