#include "x509/request.h"

#include "x509/name.h"

#include <openssl/ecdsa.h>

#include <algorithm>
#include <array>

namespace signet::x509 {
namespace {

using RequestPointer = Pointer<X509_REQ, X509_REQ_free>;
using AlgorithmPointer = Pointer<X509_ALGOR, X509_ALGOR_free>;
using BitStringPointer = Pointer<ASN1_BIT_STRING, ASN1_BIT_STRING_free>;
using EcdsaSignaturePointer = Pointer<ECDSA_SIG, ECDSA_SIG_free>;
inline void free_names(GENERAL_NAMES* names) {
    GENERAL_NAMES_free(names);
}
using GeneralNamesPointer = Pointer<GENERAL_NAMES, free_names>;
inline void free_extensions(STACK_OF(X509_EXTENSION) * extensions) {
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}
using ExtensionsPointer = Pointer<STACK_OF(X509_EXTENSION), free_extensions>;

// id-RSASSA-PSS with SHA-256, MGF1 with SHA-256 and 32 octets of salt (RFC 4055 section 3.1).
constexpr std::array<unsigned char, 67> pss_sha256{
    0x30, 0x41, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x34, 0xa0, 0x0f,
    0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa1, 0x1c,
    0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09,
    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x20};

Result<RequestSignature> signature_for(EVP_PKEY* key, bool pss) {
    switch (EVP_PKEY_get_base_id(key)) {
        case EVP_PKEY_RSA:
            return RequestSignature{.scheme = pss ? SignatureScheme::rsa_pss : SignatureScheme::rsa_pkcs1};
        case EVP_PKEY_EC: {
            constexpr int p256_bits = 256;
            constexpr int p384_bits = 384;
            const int bits = EVP_PKEY_get_bits(key);
            return RequestSignature{.scheme = SignatureScheme::ecdsa,
                                    .hash = bits <= p256_bits   ? HashAlgorithm::sha256
                                            : bits <= p384_bits ? HashAlgorithm::sha384
                                                                : HashAlgorithm::sha512};
        }
        case EVP_PKEY_ED25519:
            return RequestSignature{.scheme = SignatureScheme::eddsa};
        default:
            return failure(ErrorCode::unsupported, "request", "a key of this kind cannot sign");
    }
}

int ecdsa_algorithm(HashAlgorithm hash) {
    switch (hash) {
        case HashAlgorithm::sha384:
            return NID_ecdsa_with_SHA384;
        case HashAlgorithm::sha512:
            return NID_ecdsa_with_SHA512;
        default:
            return NID_ecdsa_with_SHA256;
    }
}

Result<AlgorithmPointer> algorithm_for(const RequestSignature& how) {
    AlgorithmPointer algorithm(X509_ALGOR_new());
    switch (how.scheme) {
        case SignatureScheme::rsa_pkcs1:
            X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256WithRSAEncryption), V_ASN1_NULL, nullptr);
            break;
        case SignatureScheme::ecdsa:
            X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(ecdsa_algorithm(how.hash)), V_ASN1_UNDEF, nullptr);
            break;
        case SignatureScheme::eddsa:
            X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_ED25519), V_ASN1_UNDEF, nullptr);
            break;
        case SignatureScheme::rsa_pss: {
            const unsigned char* position = pss_sha256.data();
            algorithm.reset(d2i_X509_ALGOR(nullptr, &position, pss_sha256.size()));
            break;
        }
    }
    if (!algorithm) {
        return openssl_failure("X509_ALGOR");
    }
    return algorithm;
}

// E-mail addresses and host names are IA5String (RFC 5280 section 4.2.1.6).
bool is_printable_ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

void add_name(GENERAL_NAMES& names, int type, const std::string& text) {
    Pointer<GENERAL_NAME, GENERAL_NAME_free> name(GENERAL_NAME_new());
    ASN1_IA5STRING* value = ASN1_IA5STRING_new();
    ASN1_STRING_set(value, text.data(), static_cast<int>(text.size()));
    GENERAL_NAME_set0_value(name.get(), type, value);
    sk_GENERAL_NAME_push(&names, name.release());
}

Result<void> add_alternative_names(X509_REQ* request, const RequestContent& content) {
    GeneralNamesPointer names(sk_GENERAL_NAME_new_null());
    for (const auto& email : content.emails) {
        SIGNET_CHECK(check_email(email));
        add_name(*names, GEN_EMAIL, email);
    }
    for (const auto& dns_name : content.dns_names) {
        SIGNET_CHECK(check_host_name(dns_name));
        add_name(*names, GEN_DNS, dns_name);
    }
    if (sk_GENERAL_NAME_num(names.get()) == 0) {
        return {};
    }
    STACK_OF(X509_EXTENSION)* added = nullptr;
    const int done = X509V3_add1_i2d(&added, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT);
    const ExtensionsPointer extensions(added);
    if (done != 1 || X509_REQ_add_extensions(request, added) != 1) {
        return openssl_failure("X509_REQ_add_extensions");
    }
    return {};
}

Result<Bytes> octets_to_sign(X509_REQ* request) {
    unsigned char* encoded = nullptr;
    const int size = i2d_re_X509_REQ_tbs(request, &encoded);
    if (size <= 0) {
        return openssl_failure("i2d_re_X509_REQ_tbs");
    }
    const OpensslOctets owner(encoded);
    return Bytes(encoded, encoded + size);
}

// As certificates have it: ECDSA-Sig-Value (RFC 5480 appendix A).
Result<Bytes> encoded_signature(const RequestSignature& how, Bytes signature) {
    if (how.scheme != SignatureScheme::ecdsa) {
        return signature;
    }
    if (signature.empty() || signature.size() % 2 != 0) {
        return failure(ErrorCode::crypto, "request", "the token's signature has an odd length");
    }
    const int half = static_cast<int>(signature.size() / 2);
    const EcdsaSignaturePointer pair(ECDSA_SIG_new());
    ECDSA_SIG_set0(pair.get(), BN_bin2bn(signature.data(), half, nullptr),
                   BN_bin2bn(signature.data() + half, half, nullptr));
    unsigned char* encoded = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &encoded);
    if (size <= 0) {
        return openssl_failure("i2d_ECDSA_SIG");
    }
    const OpensslOctets owner(encoded);
    return Bytes(encoded, encoded + size);
}

Result<void> set_signature(X509_REQ* request, X509_ALGOR* algorithm, const Bytes& signature) {
    BitStringPointer bits(ASN1_BIT_STRING_new());
    if (X509_REQ_set1_signature_algo(request, algorithm) != 1 ||
        ASN1_BIT_STRING_set(bits.get(), const_cast<unsigned char*>(signature.data()),
                            static_cast<int>(signature.size())) != 1) {
        return openssl_failure("X509_REQ_set1_signature_algo");
    }
    // No unused bits, also where the last octet ends in zeros.
    bits->flags = (bits->flags & ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07)) | ASN1_STRING_FLAG_BITS_LEFT;
    X509_REQ_set0_signature(request, bits.release());
    return {};
}

Result<Bytes> encode(X509_REQ* request) {
    unsigned char* encoded = nullptr;
    const int size = i2d_X509_REQ(request, &encoded);
    if (size <= 0) {
        return openssl_failure("i2d_X509_REQ");
    }
    const OpensslOctets owner(encoded);
    return Bytes(encoded, encoded + size);
}

}  // namespace

Result<void> check_email(const std::string& text) {
    const bool shaped = text.find('@') != std::string::npos && text.front() != '@' && text.back() != '@';
    return shaped && is_printable_ascii(text)
               ? Result<void>()
               : failure(ErrorCode::malformed, "request", "not an e-mail address: " + text);
}

Result<void> check_host_name(const std::string& text) {
    return !text.empty() && is_printable_ascii(text)
               ? Result<void>()
               : failure(ErrorCode::malformed, "request", "not a host name: " + text);
}

Result<Bytes> make_request(const RequestContent& content, bool pss, const SignOctets& sign) {
    const unsigned char* position = content.public_key_info.data();
    const KeyPointer key(d2i_PUBKEY(nullptr, &position, static_cast<long>(content.public_key_info.size())));
    if (!key) {
        return openssl_failure("d2i_PUBKEY", ErrorCode::malformed);
    }
    SIGNET_TRY(const auto how, signature_for(key.get(), pss));
    SIGNET_TRY(const auto subject, parse_name(content.subject));
    const RequestPointer request(X509_REQ_new());
    if (X509_REQ_set_version(request.get(), 0) != 1 ||
        X509_REQ_set_subject_name(request.get(), subject.get()) != 1 ||
        X509_REQ_set_pubkey(request.get(), key.get()) != 1) {
        return openssl_failure("X509_REQ");
    }
    SIGNET_CHECK(add_alternative_names(request.get(), content));
    SIGNET_TRY(const auto algorithm, algorithm_for(how));
    SIGNET_TRY(const auto octets, octets_to_sign(request.get()));
    SIGNET_TRY(auto raw_signature, sign(how, octets));
    SIGNET_TRY(const auto signature, encoded_signature(how, std::move(raw_signature)));
    SIGNET_CHECK(set_signature(request.get(), algorithm.get(), signature));
    if (X509_REQ_verify(request.get(), key.get()) != 1) {
        return openssl_failure("the token's signature is wrong");
    }
    return encode(request.get());
}

}  // namespace signet::x509
