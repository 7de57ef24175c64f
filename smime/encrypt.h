#pragma once

#include "base/result.h"
#include "x509/certificate.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet::smime {

enum class ContentCipher : std::uint8_t { aes128_cbc, aes256_cbc, aes128_gcm, aes256_gcm };

std::string_view name_of(ContentCipher cipher);
std::optional<ContentCipher> content_cipher_from_name(std::string_view name);

struct EncryptOptions {
    std::vector<x509::Certificate> recipients;
    // AES-128 in CBC mode is the one cipher that RFC 5751 and RFC 8551 both demand of every reader. GCM
    // makes AuthEnvelopedData, which neither NSS nor gpgsm of Debian 12 reads.
    ContentCipher cipher = ContentCipher::aes128_cbc;
    bool oaep = false;  // RSA recipients get RSAES-OAEP with SHA-256 instead of PKCS#1 v1.5
};

// Encrypts an RFC 5322 mail to all recipients as application/pkcs7-mime, RSA by key transport and EC by
// ephemeral-static ECDH with a SHA-2 KDF. The header fields that describe the body (Content-*) move inside.
// The result ends its lines as the mail did; what is encrypted has CRLF.
//
// invalid_parameter: no recipient, or one whose certificate does not allow encryption of mail. unsupported: a
// key of another kind than RSA or EC. malformed: no RFC 5322 header. too_large: limits.h.
Result<std::string> encrypt(std::string_view mail, const EncryptOptions& options);

}  // namespace signet::smime
