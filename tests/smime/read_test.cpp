#include "smime/read.h"

#include "smime/cms.h"
#include "smime/encrypt.h"
#include "tests/smime/decryption.h"
#include "tests/smime/mails.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace signet::smime {
namespace {

using signet::test::TestAuthority;
using test::encrypt;
using test::plain_mail;
using test::sign;
using test::sign_options;
using test::trusting;

constexpr std::string_view mail_header =
    "From: Alice <alice@example.test>\r\nTo: bob@example.test\r\nSubject: a folded\r\n subject\r\n";

// What a person would be told: who signed, whether it is encrypted, and every finding with its place.
struct Claims {
    bool good = false;
    bool encrypted = false;
    bool not_authenticated = false;
    std::vector<std::string> signed_by;
    std::set<std::string> findings;  // "code path"
};

class Reading : public ::testing::Test {
  protected:
    std::string signed_mail(const std::string& mail = plain_mail()) {
        return sign(mail, sign_options(m_alice)).value();
    }
    std::string encrypted_mail(const std::string& mail, ContentCipher cipher = ContentCipher::aes128_cbc) {
        EncryptOptions options{.recipients = {m_alice.certificate}};
        options.cipher = cipher;
        return encrypt(mail, options).value();
    }
    // The signed or encrypted entity alone, without the fields of its mail.
    static std::string entity_of(const std::string& mail) { return mail.substr(mail.find("Content-Type: ")); }

    // multipart/signed with these octets as its first part.
    std::string signed_payload(const std::string& payload) const {
        const x509::BioPointer content = x509::memory_reader(as_bytes(payload));
        const x509::CmsPointer cms(CMS_sign(m_alice.certificate.get(), m_alice.key.get(), nullptr,
                                            content.get(), CMS_BINARY | CMS_DETACHED));
        return "Content-Type: multipart/signed; boundary=b; "
               "protocol=\"application/pkcs7-signature\"\r\n\r\n--b\r\n" +
               payload +
               "\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n"
               "Content-Transfer-Encoding: base64\r\n\r\n" +
               to_base64(as_bytes(to_der(cms.get()).value())) + "\r\n--b--\r\n";
    }
    std::string encrypted_payload(const std::string& payload) const {
        TextSink cms;
        EXPECT_TRUE(encrypt_content(TextSource(payload), cms, {.recipients = {m_alice.certificate}}));
        return "Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
               to_base64(as_bytes(cms.text()));
    }

    Claims claims(const std::string& mail) {
        const TextSource source(mail);
        ReadOptions options{.trust = trusting(m_authority), .keys = {test::key_of(m_alice)}};
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
        return result;
    }
    std::set<std::string> findings(const std::string& mail) { return claims(mail).findings; }

    // Flips one bit of every octet from `begin` on, with a stride, and expects that nothing is claimed that
    // was not, and nothing good of another content.
    void expect_no_flip_is_good(const std::string& mail, std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            std::string damaged = mail;
            damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 7)));
            EXPECT_FALSE(claims(damaged).good) << "offset " << i << " of " << mail.size();
        }
    }

    TestAuthority m_authority;
    signet::test::Identity m_alice = m_authority.issue_identity("P-256", "alice@example.test");
};

using Findings = std::set<std::string>;

TEST_F(Reading, SaysWhoSignedAMail) {
    const Claims claimed = claims(signed_mail());
    EXPECT_EQ(claimed.signed_by, std::vector<std::string>{m_alice.certificate.fingerprint()});
    EXPECT_EQ(claimed.findings, Findings{});
    EXPECT_FALSE(claimed.encrypted);
}

TEST_F(Reading, FindsNothingInAMailThatClaimsNothing) {
    const Claims claimed = claims(plain_mail());
    EXPECT_FALSE(claimed.good);
    EXPECT_EQ(claimed.findings, Findings{});
}

TEST_F(Reading, LooksIntoEncryption) {
    const Claims both = claims(encrypted_mail(signed_mail()));
    EXPECT_TRUE(both.good);
    EXPECT_TRUE(both.encrypted);
    EXPECT_FALSE(both.not_authenticated);
    EXPECT_EQ(both.findings, Findings{});
}

TEST_F(Reading, MarksCbcWithoutAGoodSignatureInside) {
    const Claims cbc = claims(encrypted_mail(plain_mail()));
    EXPECT_TRUE(cbc.not_authenticated);
    EXPECT_EQ(cbc.findings, Findings{"not_authenticated 1"});
    const Claims gcm = claims(encrypted_mail(plain_mail(), ContentCipher::aes128_gcm));
    EXPECT_FALSE(gcm.not_authenticated);
    EXPECT_EQ(gcm.findings, Findings{});
}

TEST_F(Reading, DoesNotTakeASignatureAroundEncryptionForTheAuthors) {
    const Claims outside = claims(signed_mail(encrypted_mail(plain_mail())));
    EXPECT_FALSE(outside.good);
    EXPECT_TRUE(outside.not_authenticated);
    EXPECT_TRUE(outside.findings.contains("signature_outside_encryption 1"));
    EXPECT_TRUE(claims(signed_mail(encrypted_mail(signed_mail()))).good);
}

TEST_F(Reading, FindsASignatureInAForwardedMail) {
    const std::string mail = std::string(mail_header) +
                             "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nsee below\r\n"
                             "--o\r\nContent-Type: message/rfc822\r\n\r\n" +
                             signed_mail() + "\r\n--o--\r\n";
    EXPECT_FALSE(claims(mail).good);
    EXPECT_EQ(findings(mail), Findings{"signature_in_forwarded_mail 1.2.1"});
}

TEST_F(Reading, FindsUnsignedTextAroundASignedPart) {
    const std::string mail =
        std::string(mail_header) +
        "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nPay Mallory.\r\n--o\r\n" +
        entity_of(signed_mail()) + "\r\n--o--\r\n";
    EXPECT_FALSE(claims(mail).good);
    EXPECT_EQ(findings(mail), (Findings{"signature_in_multipart 1.2", "unsigned_text_around_signature 1.2"}));
}

TEST_F(Reading, FindsASignedAttachmentThatPosesAsTheMail) {
    const std::string mail =
        std::string(mail_header) +
        "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Disposition: attachment\r\n" +
        entity_of(signed_mail()) + "\r\n--o--\r\n";
    EXPECT_FALSE(claims(mail).good);
    EXPECT_EQ(findings(mail), Findings{"signed_attachment_poses_as_mail 1.1"});
}

TEST_F(Reading, KeepsDecryptedTextApartFromTextOutside) {
    const std::string mail =
        std::string(mail_header) +
        "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: text/html\r\n\r\n"
        "<img src=\"http://mallory.test/\r\n--o\r\n" +
        entity_of(encrypted_mail(plain_mail())) + "\r\n--o--\r\n";
    const TextSource source(mail);
    const auto report = read(source, {.trust = {}, .keys = {test::key_of(m_alice)}});
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->encrypted);
    const Part* decrypted = find_part(*report, "1.2.1");
    ASSERT_NE(decrypted, nullptr);
    EXPECT_NE(decrypted->source, report->root->source);
    EXPECT_TRUE(decrypted->not_authenticated);
    EXPECT_EQ(decrypted->layers, std::vector<std::string>{"1.2"});
    EXPECT_TRUE(findings(mail).contains("encrypted_part 1.2"));
    TextSink content;
    ASSERT_TRUE(write_content(*decrypted, content));
    EXPECT_EQ(content.text(), "Hello Bob,\r\nthis is signed.\r\n");
}

TEST_F(Reading, LeavesEncryptedPartsClosedWithoutAKey) {
    const std::string mail = encrypted_mail(plain_mail());
    const TextSource source(mail);
    const auto report = read(source, {.trust = trusting(m_authority), .keys = {}});
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->encrypted);
    EXPECT_FALSE(report->root->layer->opened);
    ASSERT_EQ(report->findings.size(), 1U);
    EXPECT_EQ(report->findings[0].code, FindingCode::not_decrypted);
}

TEST_F(Reading, ComparesSignedHeaderFieldsWithThoseOutside) {
    const std::string signature = signed_payload(
        "Content-Type: text/plain; hp=\"clear\"\r\nFrom: Alice <alice@example.test>\r\nSubject: the truth\r\n"
        "\r\ntext\r\n");
    const std::string from = "From: Alice <alice@example.test>\r\n";
    const Claims truth = claims(from + "Subject: =?utf-8?q?the_truth?=\r\n" + signature);
    EXPECT_TRUE(truth.good);
    EXPECT_EQ(truth.findings, Findings{});
    for (const std::string subject : {"Subject: a lie\r\n", "", "Subject: the truth\r\nSubject: a lie\r\n"}) {
        const Claims lie = claims(from + subject + signature);
        EXPECT_FALSE(lie.good);
        EXPECT_EQ(lie.findings, Findings{"header_mismatch 1.1"});
    }
}

TEST_F(Reading, ComparesFromInsideAndOutsideWithTheCertificate) {
    const std::string signature = signed_payload(
        "Content-Type: text/plain; hp=\"clear\"\r\nFrom: Mallory <mallory@example.test>\r\n\r\ntext\r\n");
    const Claims inside = claims("From: Alice <alice@example.test>\r\n" + signature);
    EXPECT_FALSE(inside.good);
    EXPECT_EQ(inside.findings, (Findings{"address_mismatch 1", "header_mismatch 1.1"}));
}

TEST_F(Reading, KnowsWhichHeaderFieldsTheSenderHid) {
    const std::string body = encrypted_payload(
        "Content-Type: text/plain; hp=\"cipher\"\r\nFrom: alice@example.test\r\nSubject: secret\r\n"
        "Comments: more\r\nHP-Outer: From: alice@example.test\r\nHP-Outer: Subject: [...]\r\n\r\ntext\r\n");
    const std::string honest = "From: alice@example.test\r\nSubject: [...]\r\n" + body;
    EXPECT_EQ(findings(honest), Findings{"not_authenticated 1"});
    EXPECT_TRUE(
        findings("From: alice@example.test\r\nSubject: Hurry!\r\n" + body).contains("header_mismatch 1.1"));
    EXPECT_TRUE(findings("Comments: more\r\nComments: x\r\n" + honest).contains("header_mismatch 1.1"));
    const TextSource source(honest);
    const auto report = read(source, {.trust = {}, .keys = {test::key_of(m_alice)}});
    ASSERT_TRUE(report && report->header_protection);
    EXPECT_FALSE(report->header_is_signed);
    ASSERT_EQ(report->header_fields.size(), 3U);
    EXPECT_EQ(report->header_fields[0].agreement, FieldAgreement::same);
    EXPECT_EQ(report->header_fields[1].agreement, FieldAgreement::hidden);
    EXPECT_EQ(report->header_fields[1].value, "secret");
    EXPECT_EQ(report->header_fields[2].agreement, FieldAgreement::hidden);
}

TEST_F(Reading, TakesAWrappedMailForTheMail) {
    const std::string signature = signed_payload(
        "Content-Type: message/rfc822; forwarded=no\r\n\r\nFrom: alice@example.test\r\n"
        "Subject: wrapped\r\n\r\ntext\r\n");
    EXPECT_TRUE(claims("From: alice@example.test\r\nSubject: wrapped\r\n" + signature).good);
    EXPECT_FALSE(claims("From: alice@example.test\r\nSubject: changed\r\n" + signature).good);
}

TEST_F(Reading, OpensLayersToABoundedDepth) {
    std::string mail = plain_mail();
    for (int i = 0; i < 10; ++i) {
        mail = encrypted_mail(mail);
    }
    const auto found = findings(mail);
    EXPECT_TRUE(std::any_of(found.begin(), found.end(), [](const std::string& finding) {
        return finding.starts_with("nested_too_deeply");
    }));
}

TEST_F(Reading, CallsNoMailGoodWithAFlippedOctetInWhatIsSigned) {
    const std::string mail = signed_mail();
    const std::size_t begin = mail.find("Content-Type: text/plain");
    expect_no_flip_is_good(mail, begin, mail.find("this is signed.\r\n") + 17);
}

// Every octet of a structure in DER: attributes, signature, certificates and what is around them.
TEST_F(Reading, ClaimsNothingElseWithAFlippedOctetInTheStructure) {
    const std::string mail = signed_mail();
    const Claims honest = claims(mail);
    const std::size_t begin =
        mail.find("\r\n\r\n", mail.find("application/pkcs7-signature", mail.find("this is"))) + 4;
    const std::size_t end = mail.find("\r\n--", begin);
    std::string base64 = mail.substr(begin, end - begin);
    std::erase_if(base64, [](char c) { return c == '\r' || c == '\n'; });
    const Bytes der = from_base64(base64).value();
    for (std::size_t i = 0; i < der.size(); ++i) {
        Bytes damaged = der;
        damaged[i] = static_cast<std::uint8_t>(damaged[i] ^ (1U << (i % 8)));
        const Claims claimed = claims(std::string(mail).replace(begin, end - begin, to_base64(damaged)));
        if (claimed.good) {
            EXPECT_EQ(claimed.signed_by, honest.signed_by) << "offset " << i;
        }
        EXPECT_FALSE(claimed.encrypted) << "offset " << i;
    }
}

}  // namespace
}  // namespace signet::smime
