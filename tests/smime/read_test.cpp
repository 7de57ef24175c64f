#include "smime/read.h"

#include "tests/smime/decryption.h"
#include "tests/smime/mails.h"
#include "tests/smime/reading.h"

#include <algorithm>

namespace signet::smime {
namespace {

using test::Claims;
using test::Findings;
using test::plain_mail;
using test::trusting;

class Reading : public test::ReadingTest {};

constexpr std::string_view mail_header =
    "From: Alice <alice@example.test>\r\nTo: bob@example.test\r\nSubject: a folded\r\n subject\r\n";

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

TEST_F(Reading, ComparesFieldsThatComeSeveralTimesInTheirOrder) {
    const std::string from = "From: Alice <alice@example.test>\r\n";
    const std::string fields = "Comments: one\r\nX-Foo: a\r\nComments: two\r\n";
    const std::string signature =
        signed_payload("Content-Type: text/plain; hp=\"clear\"\r\n" + from + fields + "\r\ntext\r\n");
    const Claims all = claims(from + fields + signature);
    EXPECT_TRUE(all.good);
    EXPECT_EQ(all.findings, Findings{});
    for (const std::string others :
         {"Comments: two\r\nX-Foo: a\r\nComments: one\r\n", "X-Foo: a\r\nComments: one\r\n",
          "Comments: one\r\nX-Foo: a\r\nComments: two\r\nComments: three\r\n"}) {
        const Claims changed = claims(from + others + signature);
        EXPECT_FALSE(changed.good);
        EXPECT_EQ(changed.findings, Findings{"header_mismatch 1.1"});
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

TEST_F(Reading, TakesAnAttachedMailForAForwardedOne) {
    const std::string alice = "From: alice@example.test\r\nSubject: FYI\r\n";
    const std::string inside = "\r\n\r\nFrom: bob@example.test\r\nSubject: Lunch\r\n\r\ntext\r\n";
    const std::string attached = "Content-Type: message/rfc822\r\nContent-Disposition: attachment";
    const Claims claimed = claims(alice + signed_payload(attached + inside));
    EXPECT_EQ(claimed.findings, Findings{});
    EXPECT_TRUE(claimed.good);
    EXPECT_EQ(test::verdict(alice + signed_payload(attached + inside), trusting(m_authority)), "good");
    EXPECT_FALSE(claims("From: bob@example.test\r\n" + signed_payload(attached + inside)).good);
    const std::string not_forwarded =
        "Content-Type: message/rfc822; forwarded=no\r\nContent-Disposition: attachment";
    EXPECT_FALSE(claims(alice + signed_payload(not_forwarded + inside)).good);
}

TEST_F(Reading, TakesWhatHasNoHeaderForText) {
    SignOptions options = test::sign_options(m_alice);
    options.form = SignatureForm::opaque;
    for (const std::string text : {"Hello Bob,\r\ncome at noon.\r\n", "Hello Bob,\r\n\r\ncome at noon.\r\n",
                                   "Bob: hello,\r\ncome at noon.\r\n\r\nAlice\r\n", "  - \r\n\r\n",
                                   "From bob on Monday\r\n I heard\r\n"}) {
        TextSink cms;
        ASSERT_TRUE(sign_content(TextSource(text), cms, options));
        const std::string opaque =
            "Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64"
            "\r\n\r\n" +
            to_base64(as_bytes(cms.text()));
        for (const std::string& mail : {signed_payload(text), opaque}) {
            const Claims claimed = claims("From: alice@example.test\r\n" + mail);
            EXPECT_EQ(claimed.findings, Findings{}) << text;
            EXPECT_TRUE(claimed.good) << text;
            EXPECT_EQ(claimed.protected_parts, "1.1 text/plain \n" + text);
            EXPECT_EQ(test::verdict("From: alice@example.test\r\n" + mail, trusting(m_authority)), "good");
        }
    }
    const std::string junk = "Content-Type: text/html\r\nno field\r\n\r\ntext\r\n";
    EXPECT_TRUE(
        findings("From: alice@example.test\r\n" + signed_payload(junk)).contains("malformed_part 1.1"));
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

}  // namespace
}  // namespace signet::smime
