#pragma once

#include "base/result.h"
#include "smime/content_cipher.h"
#include "smime/protected_header.h"
#include "smime/stream.h"
#include "x509/certificate.h"

#include <vector>

namespace signet::smime {

struct EncryptOptions {
    // Everybody who shall read the mail, its sender among them.
    std::vector<x509::Certificate> recipients;
    // AES-128 in CBC mode is the one cipher that RFC 5751 and RFC 8551 both demand of every reader. GCM
    // makes AuthEnvelopedData, which neither NSS nor gpgsm of Debian 12 reads.
    ContentCipher cipher = ContentCipher::aes128_cbc;
    bool oaep = false;  // RSA recipients get RSAES-OAEP with SHA-256 instead of PKCS#1 v1.5
    // `clear` is no form of an encrypted mail: invalid_parameter.
    HeaderProtection header_protection = HeaderProtection::none;
    // Leaves the Bcc field out. Without it the field stays outside, for a mail server that sends by it and
    // removes it.
    bool drop_bcc = false;
};

// Encrypts an RFC 5322 mail to all recipients as application/pkcs7-mime, RSA by key transport and EC by
// ephemeral-static ECDH with a SHA-2 KDF and a key wrap as long as the cipher's key. The header fields that
// describe the body (Content-*) move inside. The result ends its lines as the mail did; what is encrypted has
// CRLF, and is encoded as a signed mail is.
//
// The CMS is BER with indefinite lengths; its recipients come in DER's order, which puts those with RSA keys
// before those with EC keys. NSS 3.87 reads no mail that has one of the latter, whoever it is for.
//
// invalid_parameter: no recipient, or one whose certificate does not allow encryption of mail. unsupported: a
// key of another kind than RSA or EC. malformed: no RFC 5322 header, or a part that mail programs read in
// different ways. too_large: scan.h, or more recipients than limits.h allows.
Result<void> encrypt(const Source& mail, Sink& out, const EncryptOptions& options);

// Encrypts any octets, as they are, and writes CMS. header_protection and drop_bcc are not looked at.
Result<void> encrypt_content(const Source& content, Sink& out, const EncryptOptions& options);

}  // namespace signet::smime
