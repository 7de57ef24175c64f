#pragma once

#include "base/algorithms.h"
#include "base/result.h"
#include "smime/content_cipher.h"
#include "smime/protected_header.h"
#include "smime/stream.h"
#include "x509/certificate.h"

#include <openssl/evp.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet::smime {

enum class SignatureForm : std::uint8_t {
    detached,  // multipart/signed; every mail program shows the text
    opaque,    // application/pkcs7-mime; smime-type=signed-data, which no transport damages
};

struct SignOptions {
    x509::Certificate certificate;
    std::vector<x509::Certificate> chain;  // included in the signature, in this order, without duplicates
    EVP_PKEY* private_key = nullptr;       // borrowed; the key of `certificate`, which need not be exportable
    // Without it SHA-256; SHA-384 for a P-384 key, SHA-512 for P-521. SHA-1 and SHA-224 are refused.
    std::optional<HashAlgorithm> hash = std::nullopt;
    bool pss = false;  // RSASSA-PSS, salt as long as the digest; RSA keys only
    // Where mail for the signer should be encrypted to, when that is another certificate. Announced as
    // SMIMEEncryptionKeyPreference, and included.
    std::optional<x509::Certificate> encryption_certificate = std::nullopt;
    SignatureForm form = SignatureForm::detached;
    // Announced as SMIMECapabilities, the preferred one first. Without GCM, for a mailbox has other readers
    // too, and neither NSS nor gpgsm of Debian 12 reads AuthEnvelopedData.
    std::vector<ContentCipher> capabilities = {ContentCipher::aes256_cbc, ContentCipher::aes128_cbc};
    // `cipher` is for a mail that is encrypted afterwards: the signed payload then holds the whole header.
    HeaderProtection header_protection = HeaderProtection::none;
    // Gives a time-stamp token in DER (RFC 3161) for the value of the signature that was just made, which
    // gets it as an unsigned attribute. Of sign_content() and detached signatures alone; elsewhere
    // unsupported.
    std::function<Result<std::string>(std::string_view signature)> timestamp = nullptr;
};

// Signs an RFC 5322 mail (RFC 8551 section 3.5). The header fields that describe the body (Content-*) move
// into the signed part, all others stay outside. Text that a transport could damage is encoded anew first:
// 8-bit and long lines, trailing blanks, `From ` lines.
//
// The digest is over the signed part with CRLF line breaks. The result ends its lines as the mail did, all
// with CRLF or all with LF (by the mail's first line): with CRLF it holds the signed octets exactly, with LF
// it becomes them when it is sent, and every verifier reads it so.
//
// The mail is read twice, and nothing of it is held; what was written before an error is of no use.
//
// invalid_parameter: key and certificate do not belong together, or hash or PSS do not fit the key.
// malformed: no RFC 5322 header, or a part that mail programs read in different ways. too_large: scan.h.
// driver_failed: the key's provider answered with something else than its signature. Otherwise crypto, or
// what the key's provider reported.
Result<void> sign(const Source& mail, Sink& out, const SignOptions& options);

// Signs any octets, as they are. Writes CMS: a detached signature in DER, or an opaque one in BER with
// indefinite lengths. form and header_protection: the latter is not looked at.
Result<void> sign_content(const Source& content, Sink& out, const SignOptions& options);

}  // namespace signet::smime
