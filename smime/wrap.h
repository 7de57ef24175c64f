#pragma once

#include "smime/encrypt.h"
#include "smime/sign.h"

#include <span>
#include <string_view>

// What is made of several layers, or of none.
namespace signet::smime {

// Signs, then encrypts. The signed mail waits in a Spool. A header protection asked of `encryption` is
// applied to the payload that is signed, as RFC 9788 demands; that of `signature` must be none.
Result<void> sign_and_encrypt(const Source& mail, Sink& out, const SignOptions& signature,
                              EncryptOptions encryption);

// One of several messages that are made of a mail.
struct Encryption {
    Sink* out;  // borrowed
    EncryptOptions options;
};
// The same for each of `messages`, which must ask for the same header protection. The mail is signed once: a
// key may want its PIN for every signature.
Result<void> sign_and_encrypt(const Source& mail, std::span<const Encryption> messages,
                              const SignOptions& signature);

// Signs, encrypts, and signs the result (RFC 2634 section 1.1).
Result<void> triple_wrap(const Source& mail, Sink& out, const SignOptions& inner, EncryptOptions encryption,
                         const SignOptions& outer);

// The inner signature is the same in all messages.
Result<void> triple_wrap(const Source& mail, std::span<const Encryption> messages, const SignOptions& inner,
                         const SignOptions& outer);

// A mail that carries certificates and nothing else (RFC 8551 section 3.8). `header`: field lines of the
// mail, none of which may be Content-*.
Result<void> certs_only(std::span<const x509::Certificate> certificates, std::string_view header, Sink& out);
// The same as bare CMS, in DER.
Result<void> certs_only_content(std::span<const x509::Certificate> certificates, Sink& out);

}  // namespace signet::smime
