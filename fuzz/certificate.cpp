// A certificate from a stranger, read as a whole and in outline: what OpenSSL accepts as a whole is the same
// in outline.
#include "x509/certificate.h"

#include "x509/certificate_outline.h"

#include <cstdio>
#include <cstdlib>

namespace {

void require(bool condition, const char* what) {
    if (!condition) {
        std::fprintf(stderr, "%s\n", what);
        std::abort();
    }
}

void require_the_same(const signet::x509::Certificate& whole,
                      const signet::x509::CertificateOutline& outline) {
    require(X509_NAME_cmp(X509_get_issuer_name(whole.get()), outline.issuer()) == 0, "another issuer");
    require(ASN1_INTEGER_cmp(X509_get0_serialNumber(whole.get()), outline.serial_number()) == 0,
            "another serial number");
    require(whole.public_key_info() == outline.public_key_info(), "another public key");
    const ASN1_OCTET_STRING* identifier = X509_get0_subject_key_id(whole.get());
    if (identifier != nullptr) {
        require(outline.key_identifier() != nullptr &&
                    ASN1_OCTET_STRING_cmp(identifier, outline.key_identifier()) == 0,
                "another key identifier");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto whole = signet::x509::Certificate::from_der({data, size});
    const auto outline = signet::x509::CertificateOutline::from_der({data, size});
    if (whole) {
        require(outline.has_value(), "no outline");
        require_the_same(*whole, *outline);
        (void)whole->subject();
        (void)whole->emails();
        (void)whole->not_after();
    } else if (outline) {
        (void)outline->public_key_info();
    }
    return 0;
}
