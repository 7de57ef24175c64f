#include "tests/smime/reading.h"

#include "smime/cms.h"
#include "tests/smime/decryption.h"

namespace signet::smime::test {
namespace {

std::string description_of(const Part& part) {
    std::string text =
        part.path + ' ' + part.type + ' ' + part.file_name + (part.attachment ? " attached\n" : "\n");
    if (part.parts.empty() && !part.layer) {
        TextSink content;
        EXPECT_TRUE(write_content(part, content));
        text += content.text();
    }
    return text;
}

void append_protected(Claims& claims, const Part& part, bool is_signed) {
    if (!part.layers.empty() && !part.layer) {
        claims.protected_parts += description_of(part);
    }
    if (is_signed) {
        claims.signed_parts += description_of(part);
    }
    const bool signs = part.layer && part.layer->kind == LayerKind::signature;
    for (const auto& child : part.parts) {
        append_protected(claims, *child, is_signed || (signs && child == part.parts.front()));
    }
}

}  // namespace

std::string ReadingTest::signed_mail(const std::string& mail, SignatureForm form) const {
    SignOptions options = sign_options(m_alice);
    options.form = form;
    return sign(mail, options).value();
}

std::string ReadingTest::encrypted_mail(const std::string& mail, ContentCipher cipher) const {
    EncryptOptions options{.recipients = {m_alice.certificate}};
    options.cipher = cipher;
    return encrypt(mail, options).value();
}

std::string ReadingTest::entity_of(const std::string& mail) {
    return mail.substr(mail.find("Content-Type: "));
}

std::string ReadingTest::signed_payload(const std::string& payload) const {
    const x509::BioPointer content = x509::memory_reader(as_bytes(payload));
    const x509::CmsPointer cms(CMS_sign(m_alice.certificate.get(), m_alice.key.get(), nullptr, content.get(),
                                        CMS_BINARY | CMS_DETACHED));
    return "Content-Type: multipart/signed; boundary=b; "
           "protocol=\"application/pkcs7-signature\"\r\n\r\n--b\r\n" +
           payload +
           "\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n"
           "Content-Transfer-Encoding: base64\r\n\r\n" +
           to_base64(as_bytes(to_der(cms.get()).value())) + "\r\n--b--\r\n";
}

std::string ReadingTest::encrypted_payload(const std::string& payload) const {
    TextSink cms;
    EXPECT_TRUE(encrypt_content(TextSource(payload), cms, {.recipients = {m_alice.certificate}}));
    return "Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
           to_base64(as_bytes(cms.text()));
}

Claims ReadingTest::claims(const std::string& mail) const {
    const TextSource source(mail);
    const ReadOptions options{.trust = trusting(m_authority), .keys = {key_of(m_alice)}};
    const auto report = read(source, options);
    Claims result;
    if (!report) {
        result.findings.insert(std::string(error_name(report.error().code)));
        return result;
    }
    result.good = !report->signed_by.empty();
    result.encrypted = report->encrypted;
    result.not_authenticated = report->not_authenticated;
    for (const SignerReport& signer : report->signed_by) {
        result.signed_by.push_back(signer.certificate->fingerprint());
    }
    for (const Finding& finding : report->findings) {
        result.findings.insert(std::string(name_of(finding.code)) + " " + finding.path);
    }
    append_protected(result, *report->root, false);
    return result;
}

}  // namespace signet::smime::test
