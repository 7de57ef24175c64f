#include "smime/wrap.h"

#include "smime/cms.h"
#include "smime/line_endings.h"
#include "smime/pkcs7_mime.h"
#include "smime/spool.h"
#include "smime/transfer_encoding.h"

#include <algorithm>

namespace signet::smime {
namespace {

// SignedData without content and without signers.
Result<std::string> certificates_in_der(std::span<const x509::Certificate> certificates) {
    if (certificates.empty()) {
        return failure(ErrorCode::invalid_parameter, "certs-only", "certificates: none");
    }
    constexpr unsigned int flags = CMS_PARTIAL | CMS_DETACHED | CMS_BINARY;
    const x509::CmsPointer cms(CMS_sign(nullptr, nullptr, nullptr, nullptr, flags));
    if (!cms) {
        return x509::openssl_failure("CMS_sign");
    }
    for (const auto& certificate : without_duplicates({certificates.begin(), certificates.end()})) {
        if (CMS_add1_cert(cms.get(), certificate.get()) != 1) {
            return x509::openssl_failure("CMS_add1_cert");
        }
    }
    return to_der(cms.get());
}

Result<std::string> mail_header(std::string_view lines) {
    SIGNET_TRY(const Header header, parse_header(lines));
    if (std::any_of(header.fields.begin(), header.fields.end(), describes_body)) {
        return failure(ErrorCode::invalid_parameter, "certs-only", "header: a Content-* field");
    }
    std::string text = to_crlf(lines);
    if (!text.empty() && !text.ends_with('\n')) {
        text += "\r\n";
    }
    return header.find("MIME-Version") != nullptr ? text : text + "MIME-Version: 1.0\r\n";
}

// The signature that all of the messages have inside.
Result<void> sign_inside(const Source& mail, Sink& out, std::span<const Encryption> messages,
                         const SignOptions& signature) {
    if (signature.header_protection != HeaderProtection::none) {
        return failure(ErrorCode::invalid_parameter, "sign", "header protection belongs to the encryption");
    }
    SignOptions inner = signature;
    for (const Encryption& message : messages) {
        inner.header_protection = message.options.header_protection;
        if (inner.header_protection != messages.front().options.header_protection) {
            return failure(ErrorCode::invalid_parameter, "sign", "header protection of some messages only");
        }
    }
    return sign(mail, out, inner);
}

Result<void> encrypt_signed(const Source& signed_mail, Sink& out, const Encryption& message) {
    EncryptOptions options = message.options;
    options.header_protection = HeaderProtection::none;
    return encrypt(signed_mail, out, options);
}

}  // namespace

Result<void> sign_and_encrypt(const Source& mail, Sink& out, const SignOptions& signature,
                              EncryptOptions encryption) {
    const Encryption message{.out = &out, .options = std::move(encryption)};
    return sign_and_encrypt(mail, {&message, 1}, signature);
}

Result<void> sign_and_encrypt(const Source& mail, std::span<const Encryption> messages,
                              const SignOptions& signature) {
    Spool signed_mail;
    SIGNET_CHECK(sign_inside(mail, signed_mail, messages, signature));
    for (const Encryption& message : messages) {
        SIGNET_CHECK(encrypt_signed(signed_mail, *message.out, message));
    }
    return {};
}

Result<void> triple_wrap(const Source& mail, Sink& out, const SignOptions& inner, EncryptOptions encryption,
                         const SignOptions& outer) {
    const Encryption message{.out = &out, .options = std::move(encryption)};
    return triple_wrap(mail, {&message, 1}, inner, outer);
}

Result<void> triple_wrap(const Source& mail, std::span<const Encryption> messages, const SignOptions& inner,
                         const SignOptions& outer) {
    Spool signed_mail;
    SIGNET_CHECK(sign_inside(mail, signed_mail, messages, inner));
    for (const Encryption& message : messages) {
        Spool encrypted;
        SIGNET_CHECK(encrypt_signed(signed_mail, encrypted, message));
        SIGNET_CHECK(sign(encrypted, *message.out, outer));
    }
    return {};
}

Result<void> certs_only(std::span<const x509::Certificate> certificates, std::string_view header, Sink& out) {
    SIGNET_TRY(const std::string der, certificates_in_der(certificates));
    SIGNET_TRY(const std::string fields, mail_header(header));
    const LineEnding ending = line_ending_of(header);
    SIGNET_CHECK(out.write(with_line_ending(fields + pkcs7_mime_fields("certs-only", "smime.p7c"), ending)));
    Base64Sink base64(out, ending);
    SIGNET_CHECK(base64.write(der));
    return base64.finish();
}

Result<void> certs_only_content(std::span<const x509::Certificate> certificates, Sink& out) {
    SIGNET_TRY(const std::string der, certificates_in_der(certificates));
    return out.write(der);
}

}  // namespace signet::smime
