#pragma once

#include "smime/stream.h"
#include "smime/timestamp.h"
#include "x509/certificate.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet::smime {

struct VerifyOptions {
    // Trusted as they stand, whether self-signed or not.
    std::vector<x509::Certificate> trust_anchors;
    // Helpers for building paths, beside the certificates in the mail; not trusted.
    std::vector<x509::Certificate> intermediates;
    bool use_system_store = false;  // OpenSSL's default file and folder as further anchors
    // Where a signature has a timestamp that these authorities made, its certificates are judged as of that
    // time. Without it timestamps are not looked at, and certificates are judged as of now.
    std::optional<TimestampTrust> timestamps = std::nullopt;
};

// What there is to say about one signature. Where several apply it is the first of them, roughly in this
// order.
enum class SignatureStatus : std::uint8_t {
    good,
    malformed,         // structure, attributes or MIME form are not what RFC 5652 and 8551 ask for
    content_mismatch,  // content of its own inside a detached signature
    unsupported,       // an algorithm that this OpenSSL cannot do
    no_certificate,    // the signer's certificate is neither in the mail nor among the intermediates
    bad_signature,     // the content or the attributes are not what was signed
    weak_algorithm,    // right, but made with MD5, SHA-1 or a short key, or certified so
    untrusted_chain,   // no path to a trust anchor
    wrong_usage,       // the certificate is not for signing mail
    expired,           // the certificate, or one above it, is not valid now
    // Text that nobody signed follows the signed parts, as mailing lists add it.
    unsigned_text_around_signature,
    header_mismatch,   // a field of the mail is not, or not among, those that are protected inside
    address_mismatch,  // From or Sender is not an address of the certificate
    date_mismatch,     // Date and signing time are more than an hour apart, or Date is unreadable
    // All of it is right, and what is signed, or a part of it, is encrypted: it says who sent that, not who
    // wrote it.
    signature_outside_encryption,
};

// Stable code for scripts: the enumerator's name.
std::string_view name_of(SignatureStatus status);

// What there is to say about a timestamp. One that does not count changes nothing about the signature:
// anybody can add it, or take it away.
struct TimestampReport {
    std::string time;       // RFC 3339 in UTC; empty when it does not count
    std::string authority;  // the subject of its certificate
    std::string reason;     // why it does not count
};

struct SignerReport {
    SignatureStatus status = SignatureStatus::malformed;
    std::string reason;  // one sentence in English; empty when good
    std::optional<x509::Certificate> certificate;
    std::vector<std::string> emails;           // of the certificate
    std::string signing_time;                  // as the signer claims it; RFC 3339 in UTC, or empty
    std::string digest_algorithm;              // "sha256"; OpenSSL's short name, or the dotted identifier
    std::optional<TimestampReport> timestamp;  // where there is one, and VerifyOptions::timestamps
    // Where there is a path to an anchor: from the signer's certificate to it, and when the youngest of these
    // certificates became valid (RFC 3339 in UTC).
    std::vector<x509::Certificate> chain;
    std::string chain_good_since;
};

// Octets of a mail, or taken out of one into a spool of their own.
struct SignedEntity {
    const Source* source = nullptr;  // the mail, which must outlive this, or `spool`
    Range range;
    std::unique_ptr<Source> spool;

    [[nodiscard]] RangeReader reader() const { return {*source, range}; }
};

struct Verification {
    bool good = false;  // at least one signer, every signer good, and the mail's form beyond doubt
    std::vector<SignerReport> signers;
    // The signed MIME entity: of multipart/signed the octets as they stand in the mail, of an opaque
    // signature what it holds. Filled also when not good, and then not to be shown as anyone's word.
    SignedEntity entity;
};

// Checks the outermost S/MIME signature of a mail: multipart/signed or application/pkcs7-mime. Signatures
// further inside are not looked for; around encryption it is not good (signature_outside_encryption).
// not_found: the mail is not signed at all. malformed: it says it is signed and cannot be taken apart far
// enough to name signers. too_large: limits.h.
Result<Verification> verify(const Source& mail, const VerifyOptions& options);

// A signature that stands alone (BER, DER, PEM or base64) on `content`; null: on the content inside. There is
// no header that it could contradict. not_found: no signed data. malformed: content is neither given nor
// inside.
Result<Verification> verify_cms(const Source& cms, const Source* content, const VerifyOptions& options);

}  // namespace signet::smime
