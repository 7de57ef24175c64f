#include "x509/certificate_outline.h"

#include "x509/certificate.h"

#include <openssl/asn1t.h>

namespace signet::x509 {
namespace {

// RFC 5280 section 4.1, with what is not needed left as it is.
struct TbsOutline {
    ASN1_INTEGER* version;
    ASN1_INTEGER* serial_number;
    ASN1_TYPE* signature;
    X509_NAME* issuer;
    ASN1_TYPE* validity;
    ASN1_TYPE* subject;
    ASN1_TYPE* public_key_info;
    ASN1_BIT_STRING* issuer_identifier;
    ASN1_BIT_STRING* subject_identifier;
    STACK_OF(X509_EXTENSION) * extensions;
};

struct Outline {
    TbsOutline* tbs;
    ASN1_TYPE* signature_algorithm;
    ASN1_BIT_STRING* signature;
};

// clang-format off
ASN1_SEQUENCE(TbsOutline) = {
    ASN1_EXP_OPT(TbsOutline, version, ASN1_INTEGER, 0),
    ASN1_SIMPLE(TbsOutline, serial_number, ASN1_INTEGER),
    ASN1_SIMPLE(TbsOutline, signature, ASN1_ANY),
    ASN1_SIMPLE(TbsOutline, issuer, X509_NAME),
    ASN1_SIMPLE(TbsOutline, validity, ASN1_ANY),
    ASN1_SIMPLE(TbsOutline, subject, ASN1_ANY),
    ASN1_SIMPLE(TbsOutline, public_key_info, ASN1_ANY),
    ASN1_IMP_OPT(TbsOutline, issuer_identifier, ASN1_BIT_STRING, 1),
    ASN1_IMP_OPT(TbsOutline, subject_identifier, ASN1_BIT_STRING, 2),
    ASN1_EXP_SEQUENCE_OF_OPT(TbsOutline, extensions, X509_EXTENSION, 3)
} static_ASN1_SEQUENCE_END(TbsOutline)

ASN1_SEQUENCE(Outline) = {
    ASN1_SIMPLE(Outline, tbs, TbsOutline),
    ASN1_SIMPLE(Outline, signature_algorithm, ASN1_ANY),
    ASN1_SIMPLE(Outline, signature, ASN1_BIT_STRING)
} static_ASN1_SEQUENCE_END(Outline)

void free_outline(Outline* outline) {
    ASN1_item_free(reinterpret_cast<ASN1_VALUE*>(outline), ASN1_ITEM_rptr(Outline));
}
// clang-format on

}  // namespace

struct CertificateOutline::Parsed {
    Pointer<Outline, free_outline> outline;
    Pointer<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> key_identifier;
};

Result<CertificateOutline> CertificateOutline::from_der(ByteView der) {
    if (der.size() > max_certificate_size) {
        return failure(ErrorCode::too_large, "read certificate", "certificate longer than 64 KiB");
    }
    const unsigned char* next = der.data();
    auto parsed = std::make_shared<Parsed>();
    parsed->outline.reset(reinterpret_cast<Outline*>(
        ASN1_item_d2i(nullptr, &next, static_cast<long>(der.size()), ASN1_ITEM_rptr(Outline))));
    if (!parsed->outline) {
        return openssl_failure("read certificate", ErrorCode::malformed);
    }
    if (next != der.data() + der.size()) {
        return failure(ErrorCode::malformed, "read certificate", "octets after the certificate");
    }
    parsed->key_identifier.reset(static_cast<ASN1_OCTET_STRING*>(
        X509V3_get_d2i(parsed->outline->tbs->extensions, NID_subject_key_identifier, nullptr, nullptr)));
    return CertificateOutline(std::move(parsed));
}

const X509_NAME* CertificateOutline::issuer() const {
    return m_parsed->outline->tbs->issuer;
}

const ASN1_INTEGER* CertificateOutline::serial_number() const {
    return m_parsed->outline->tbs->serial_number;
}

const ASN1_OCTET_STRING* CertificateOutline::key_identifier() const {
    return m_parsed->key_identifier.get();
}

Bytes CertificateOutline::public_key_info() const {
    unsigned char* octets = nullptr;
    const int size = i2d_ASN1_TYPE(m_parsed->outline->tbs->public_key_info, &octets);
    const OpensslOctets owner(octets);
    return size > 0 ? Bytes(octets, octets + size) : Bytes();
}

}  // namespace signet::x509
