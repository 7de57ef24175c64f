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

}  // namespace

Result<void> sign_and_encrypt(const Source& mail, Sink& out, const SignOptions& signature,
                              EncryptOptions encryption) {
    if (signature.header_protection != HeaderProtection::none) {
        return failure(ErrorCode::invalid_parameter, "sign", "header protection belongs to the encryption");
    }
    SignOptions inner = signature;
    inner.header_protection = std::exchange(encryption.header_protection, HeaderProtection::none);
    Spool signed_mail;
    SIGNET_CHECK(sign(mail, signed_mail, inner));
    return encrypt(signed_mail, out, encryption);
}

Result<void> triple_wrap(const Source& mail, Sink& out, const SignOptions& inner, EncryptOptions encryption,
                         const SignOptions& outer) {
    Spool encrypted;
    SIGNET_CHECK(sign_and_encrypt(mail, encrypted, inner, std::move(encryption)));
    return sign(encrypted, out, outer);
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
