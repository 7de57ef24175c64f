#pragma once

#include "base/algorithms.h"
#include "base/result.h"
#include "x509/certificate.h"

#include <openssl/evp.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet::smime {

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
};

// Signs an RFC 5322 mail as multipart/signed (RFC 8551 section 3.5.3). The header fields that describe the
// body (Content-*) move into the signed part, all others stay outside. Text that a transport could damage is
// encoded anew first: 8-bit and long lines, trailing blanks, `From ` lines.
//
// The digest is over the signed part with CRLF line breaks. The result ends its lines as the mail did, all
// with CRLF or all with LF (by the mail's first line): with CRLF it holds the signed octets exactly, with LF
// it becomes them when it is sent, and every verifier reads it so.
//
// invalid_parameter: key and certificate do not belong together, or hash or PSS do not fit the key.
// malformed: no RFC 5322 header. too_large: limits.h. Otherwise crypto, or what the key's provider reported.
Result<std::string> sign(std::string_view mail, const SignOptions& options);

}  // namespace signet::smime
