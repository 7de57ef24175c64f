#pragma once

#include "base/bytes.h"

#include <optional>
#include <vector>

// Just enough DER (X.690) to find the fields of certificates and public keys. The input may come from
// anybody: every length is checked against what is there, and nothing recurses.
namespace signet {

inline constexpr std::uint8_t object_identifier_tag = 0x06;  // X.690 section 8.19

struct DerElement {
    std::uint8_t tag = 0;
    ByteView content;
    ByteView whole;  // with tag and length
};

// Steps through the elements that stand one after another in some octets, which outlive it.
class DerReader {
  public:
    explicit DerReader(ByteView octets) : m_rest(octets) {}

    // The next element; nothing at the end and where the octets are no DER: multi-octet tags and
    // indefinite or not minimal lengths included.
    std::optional<DerElement> next();
    // The next element if it has this tag; otherwise nothing is consumed.
    std::optional<DerElement> next(std::uint8_t tag);
    [[nodiscard]] bool at_end() const { return m_rest.empty(); }

  private:
    ByteView m_rest;
};

// Views into the octets that were parsed.
struct PublicKeyInfo {
    ByteView algorithm;   // content of the object identifier
    ByteView parameters;  // whole element; empty when absent
    ByteView key;         // content of the bit string
};
struct RsaPublicKey {
    ByteView modulus;  // no leading zero octets
    ByteView exponent;
};
struct CertificateFields {  // whole elements
    ByteView serial_number;
    ByteView issuer;
    ByteView subject;
    ByteView public_key_info;
};
// An extension of a certificate, RFC 5280 section 4.1.
struct CertificateExtension {
    ByteView identifier;  // content of the object identifier
    ByteView value;       // content of the octet string
};

std::optional<PublicKeyInfo> parse_public_key_info(ByteView der);
std::optional<RsaPublicKey> parse_rsa_public_key(ByteView der);
std::optional<CertificateFields> parse_certificate(ByteView der);
// All of them, or nothing where the certificate is malformed up to there.
std::optional<std::vector<CertificateExtension>> parse_extensions(ByteView certificate);

// The content of an OCTET STRING that fills `der`, or nothing.
std::optional<ByteView> parse_octet_string(ByteView der);
Bytes encode_octet_string(ByteView content);

}  // namespace signet
