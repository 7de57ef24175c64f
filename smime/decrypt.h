#pragma once

#include "base/result.h"
#include "smime/cms_stream.h"
#include "smime/spool.h"
#include "smime/stream.h"
#include "x509/certificate_outline.h"
#include "x509/openssl.h"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signet::smime {

struct DecryptionKey {
    x509::CertificateOutline certificate;
    // Called only when the mail names the certificate, and at most once.
    std::function<Result<x509::KeyPointer>()> open;
};

// Names of header fields that were encrypted with a mail and are not in what was written.
using LeftOut = std::vector<std::string>;

// The mail with its outer header and the decrypted entity in place of the body: the Content-* fields are
// those of the entity, and so are all that were encrypted with it (EncryptedHeader). Nothing is written
// before the whole is decrypted and, with GCM, authenticated.
//
// not_found: the mail is not encrypted, or none of the keys fits (detail names the recipients). The operation
// is signed_around_encryption when it is a signature that has to be taken off first. unsupported:
// an algorithm that this OpenSSL cannot do (detail names it). malformed: no mail, or CMS that is none.
// crypto: the content could not be decrypted; one answer for every reason, so that nothing is learned from
// it. Errors of DecryptionKey::open() are passed on when no other key fits.
Result<LeftOut> decrypt(const Source& mail, Sink& out, std::span<const DecryptionKey> keys);

// The content of a CMS structure that stands alone: BER, DER, PEM or base64. The same errors.
Result<void> decrypt_cms(const Source& cms, Sink& out, std::span<const DecryptionKey> keys);
// Straight to where it is withheld; after an error it has to stay there.
Result<void> decrypt_cms(const Source& cms, WithheldSink& out, std::span<const DecryptionKey> keys);

inline constexpr std::string_view signed_around_encryption = "open the signature around encryption";

struct DecryptedContent {
    std::unique_ptr<Spool> octets;  // as they were encrypted
    // AES-GCM: whoever changed the ciphertext was noticed. CBC alone tells nothing.
    bool authenticated = false;
};
// The step behind them, for content at any place of a mail. The same errors.
Result<DecryptedContent> decrypt_content(const OpenedCms& cms, std::span<const DecryptionKey> keys);

// Whom a mail is encrypted to, in the order of the mail.
enum class RecipientKind : std::uint8_t { key_transport, key_agreement, shared_key, password, other };
struct RecipientIdentifier {
    RecipientKind kind = RecipientKind::key_transport;
    std::string issuer;         // RFC 4514; with serial_number, or both empty
    std::string serial_number;  // upper-case hexadecimal
    // Lower-case hexadecimal, or empty: the subject key identifier; of a shared key its name.
    std::string key_identifier;
};
// not_found: the mail is not encrypted.
Result<std::vector<RecipientIdentifier>> recipients(const Source& mail);
Result<std::vector<RecipientIdentifier>> recipients(const OpenedCms& cms);

}  // namespace signet::smime
