#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "x509/openssl.h"

#include <string>
#include <string_view>
#include <vector>

namespace signet::x509 {

// Largest certificate that is read, in octets. Those seen in the field stay below 8 KiB.
inline constexpr std::size_t max_certificate_size = std::size_t{64} << 10;

// A parsed certificate. Shares ownership of the X509 object when copied.
class Certificate {
  public:
    // DER; octets after the certificate are malformed.
    static Result<Certificate> from_der(ByteView der);
    // The first certificate of a PEM text.
    static Result<Certificate> from_pem(std::string_view pem);
    // Takes a reference of its own.
    static Certificate from_x509(X509* certificate);

    [[nodiscard]] X509* get() const { return m_certificate.get(); }
    [[nodiscard]] Bytes der() const;
    // The SubjectPublicKeyInfo, DER, as it stands in the certificate.
    [[nodiscard]] Bytes public_key_info() const;

    // RFC 4514.
    [[nodiscard]] std::string subject() const;
    [[nodiscard]] std::string issuer() const;
    // Of the subject, as it may be shown; empty when there is none.
    [[nodiscard]] std::string common_name() const;
    // Upper-case hexadecimal.
    [[nodiscard]] std::string serial_number() const;
    // rfc822Name and SmtpUTF8Mailbox of the subject alternative name, else emailAddress of the subject
    // (RFC 8550 section 3). In the order of the certificate, without duplicates.
    [[nodiscard]] std::vector<std::string> emails() const;
    // RFC 3339 in UTC; empty for a time that cannot be read.
    [[nodiscard]] std::string not_before() const;
    [[nodiscard]] std::string not_after() const;
    // SHA-256 of the DER form, lower-case hexadecimal.
    [[nodiscard]] std::string fingerprint() const;

    // basicConstraints says that it is a certification authority's.
    [[nodiscard]] bool is_authority() const;
    // Key usage and extended key usage allow it for mail (RFC 8550 section 4.4): absent extensions allow.
    [[nodiscard]] bool may_sign_mail() const;
    [[nodiscard]] bool may_encrypt_mail() const;

  private:
    explicit Certificate(std::shared_ptr<X509> certificate) : m_certificate(std::move(certificate)) {}

    std::shared_ptr<X509> m_certificate;
};

// SHA-256 of a SubjectPublicKeyInfo as 64 lower-case hexadecimal digits: the name of a key everywhere in
// signet.
std::string key_identifier(ByteView public_key_info);

// Equal as mailboxes are compared: without regard to case, the local part too, since that is how every mail
// system in use delivers; and without regard to quotes around the local part.
bool same_address(std::string_view first, std::string_view second);

}  // namespace signet::x509
