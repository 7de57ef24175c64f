#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "x509/openssl.h"

#include <memory>

namespace signet::x509 {

// What tells a certificate from others, at a small part of the cost of a Certificate: OpenSSL decodes the
// public key of each X509 at once. Shares what it read when copied.
class CertificateOutline {
  public:
    // DER. malformed: no certificate, or octets after it; too_large: more than max_certificate_size. What is
    // not asked for here may still be wrong.
    static Result<CertificateOutline> from_der(ByteView der);

    // Owned by the outline. What a CMS RecipientIdentifier names a certificate by (RFC 5652 section 6.2.1).
    [[nodiscard]] const X509_NAME* issuer() const;
    [[nodiscard]] const ASN1_INTEGER* serial_number() const;
    // The subjectKeyIdentifier extension; null where there is none.
    [[nodiscard]] const ASN1_OCTET_STRING* key_identifier() const;
    // The SubjectPublicKeyInfo, DER, as it stands in the certificate.
    [[nodiscard]] Bytes public_key_info() const;

  private:
    struct Parsed;
    explicit CertificateOutline(std::shared_ptr<const Parsed> parsed) : m_parsed(std::move(parsed)) {}

    std::shared_ptr<const Parsed> m_parsed;
};

}  // namespace signet::x509
