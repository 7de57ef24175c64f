#include "tests/smime/mails.h"

#include "smime/cms.h"
#include "smime/line_endings.h"
#include "tests/support/mail_peers.h"

namespace signet::smime::test {
namespace {

constexpr std::string_view mixed_body =
    "Content-Type: multipart/mixed; boundary=\"outer\"\r\n"
    "\r\n"
    "A preamble.  \r\n"
    "--outer\r\n"
    "Content-Type: multipart/alternative; boundary=\"outer-inner\"\r\n"
    "\r\n"
    "--outer-inner\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n"
    "\r\n"
    "Gr\xc3\xbc\xc3\x9f"
    "e \r\n"
    "--outer-inner   \r\n"
    "Content-Type: text/html; charset=utf-8\r\n"
    "\r\n"
    "<p>Hello</p>\r\n"
    "--outer-inner--\r\n"
    "--outer\r\n"
    "Content-Type: application/octet-stream; name=\"data.bin\"\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "Content-Disposition: attachment; filename=\"data.bin\"\r\n"
    "\r\n"
    "AAECAwQFBgcICQoLDA0ODw==\r\n"
    "--outer\r\n"
    "Content-Type: message/rfc822\r\n"
    "\r\n"
    "From: carol@example.test\r\n"
    "Subject: forwarded\r\n"
    "\r\n"
    "From here on it is Carol's text.\r\n"
    "--outer--\r\n"
    "An epilogue.\r\n";

}  // namespace

std::string mail_with(std::string_view body) {
    return std::string(
               "From: Alice <alice@example.test>\r\n"
               "To: bob@example.test\r\n"
               "Subject: a folded\r\n subject\r\n"
               "MIME-Version: 1.0\r\n")
        .append(body);
}

std::string plain_mail() {
    return mail_with("Content-Type: text/plain; charset=us-ascii\r\n\r\nHello Bob,\r\nthis is signed.\r\n");
}

const std::vector<NamedMail>& awkward_mails() {
    static const std::vector<NamedMail> mails{
        {"Plain", plain_mail()},
        {"WithoutContentType", "From: alice@example.test\r\nSubject: x\r\n\r\nno MIME at all\r\n"},
        {"EmptyBody", mail_with("Content-Type: text/plain\r\n\r\n")},
        {"HeaderOnly", "From: alice@example.test\r\nSubject: nothing follows\r\n"},
        {"NoFinalLineBreak", mail_with("Content-Type: text/plain\r\n\r\nno line break at the end")},
        {"EmptyLinesAtTheEnd", mail_with("Content-Type: text/plain\r\n\r\ntext\r\n\r\n\r\n")},
        {"Utf8Text",
         mail_with("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                   "Gr\xc3\xbc\xc3\x9f"
                   "e aus K\xc3\xb6ln = \xe2\x82\xac\r\n")},
        {"TrailingBlanks", mail_with("Content-Type: text/plain\r\n\r\nblank \r\ntab\t\r\n-- \r\nAlice\r\n")},
        {"FormatFlowed",
         mail_with(
             "Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\na paragraph that \r\nflows\r\n")},
        {"FromLines", mail_with("Content-Type: text/plain\r\n\r\nFrom now on\r\n From\r\n>From there\r\n")},
        {"DotLines", mail_with("Content-Type: text/plain\r\n\r\n.\r\n..\r\n")},
        {"LongLine", mail_with("Content-Type: text/plain\r\n\r\n" + std::string(5000, 'x') + "\r\n")},
        {"BinaryAttachment",
         mail_with("Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n" +
                   std::string("\0\1\2\r\3\n\xff\xfe tail ", 14))},
        {"QuotedPrintable",
         mail_with("Content-Type: text/plain; charset=utf-8\r\n"
                   "Content-Transfer-Encoding: quoted-printable\r\n\r\nK=C3=B6ln =3D\r\n")},
        {"NestedMultipart", mail_with(mixed_body)},
    };
    return mails;
}

SignOptions sign_options(const signet::test::Identity& identity) {
    return SignOptions{.certificate = identity.certificate, .chain = {}, .private_key = identity.key.get()};
}

Result<std::string> sign(std::string_view mail, const SignOptions& options) {
    TextSink out;
    SIGNET_CHECK(sign(TextSource(mail), out, options));
    return out.take();
}

Result<std::string> encrypt(std::string_view mail, const EncryptOptions& options) {
    TextSink out;
    SIGNET_CHECK(encrypt(TextSource(mail), out, options));
    return out.take();
}

std::string decrypted_by_openssl(std::string_view mail, const signet::test::Identity& identity) {
    const std::string der = signet::test::cms_of_mail(to_crlf(mail));
    const auto cms = parse_cms(der);
    const x509::BioPointer out(BIO_new(BIO_s_mem()));
    if (!cms ||
        CMS_decrypt(cms->get(), identity.key.get(), identity.certificate.get(), nullptr, out.get(), 0) != 1) {
        return "not decrypted";
    }
    return std::string(as_text(x509::memory_content(out.get())));
}

VerifyOptions trusting(const signet::test::TestAuthority& authority) {
    return VerifyOptions{.trust_anchors = {authority.certificate()}, .intermediates = {}};
}

Result<TextVerification> verify(std::string_view mail, const VerifyOptions& options) {
    const TextSource source(mail);
    SIGNET_TRY(const Verification verification, smime::verify(source, options));
    SIGNET_TRY(std::string content,
               read_all(*verification.entity.source, verification.entity.range, mail.size()));
    return TextVerification{verification.good, verification.signers, std::move(content)};
}

std::string verdict(std::string_view mail, const VerifyOptions& options) {
    const auto verification = verify(mail, options);
    if (!verification) {
        return std::string(error_name(verification.error().code));
    }
    for (const SignerReport& signer : verification->signers) {
        if (signer.status != SignatureStatus::good) {
            return std::string(name_of(signer.status));
        }
    }
    return verification->good ? "good" : "no signer";
}

}  // namespace signet::smime::test
