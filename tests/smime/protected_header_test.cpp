#include "smime/protected_header.h"

#include "smime/wrap.h"
#include "tests/smime/decryption.h"
#include "tests/smime/mails.h"

#include <gmock/gmock.h>

#include <array>

namespace signet::smime {
namespace {

using test::encrypt;
using test::sign;
using test::sign_options;
using test::trusting;
using test::verify;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string mail =
    "From: Alice <alice@example.test>\r\n"
    "To: bob@example.test\r\n"
    "Bcc: carol@example.test\r\n"
    "Subject: the\r\n merger\r\n"
    "Keywords: secret\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=us-ascii\r\n"
    "\r\n"
    "Hello.\r\n";

class ProtectingTheHeader : public ::testing::Test {
  protected:
    // What was signed.
    std::string payload_of(const std::string& signed_mail) {
        const auto verification = verify(signed_mail, trusting(m_authority));
        EXPECT_TRUE(verification && verification->good);
        return verification ? verification->content : "";
    }
    std::string decrypted(const std::string& encrypted) {
        return test::decrypted_by_openssl(encrypted, m_alice);
    }

    signet::test::TestAuthority m_authority;
    signet::test::Identity m_alice = m_authority.issue_identity("P-256", "alice@example.test");
};

TEST_F(ProtectingTheHeader, RepeatsItInWhatIsSigned) {
    SignOptions options = sign_options(m_alice);
    options.header_protection = HeaderProtection::clear;
    for (const SignatureForm form : {SignatureForm::detached, SignatureForm::opaque}) {
        options.form = form;
        const auto signed_mail = sign(mail, options);
        ASSERT_TRUE(signed_mail) << signed_mail.error().detail;
        EXPECT_EQ(payload_of(*signed_mail),
                  "From: Alice <alice@example.test>\r\n"
                  "To: bob@example.test\r\n"
                  "Subject: the\r\n merger\r\n"
                  "Keywords: secret\r\n"
                  "Content-Type: text/plain; charset=us-ascii;\r\n hp=\"clear\"\r\n"
                  "\r\n"
                  "Hello.\r\n");
        EXPECT_THAT(*signed_mail, HasSubstr("Bcc: carol@example.test\r\nSubject: the\r\n merger\r\n"));
    }
}

TEST_F(ProtectingTheHeader, OfFieldsThatComeSeveralTimesIsGood) {
    SignOptions options = sign_options(m_alice);
    options.header_protection = HeaderProtection::clear;
    const auto signed_mail =
        sign("Comments: one\r\nX-Foo: a\r\nComments: two\r\nX-Foo: b\r\n" + mail, options);
    ASSERT_TRUE(signed_mail) << signed_mail.error().detail;
    EXPECT_THAT(payload_of(*signed_mail), HasSubstr("Comments: one\r\nX-Foo: a\r\nComments: two\r\n"));
}

TEST_F(ProtectingTheHeader, HidesTheSubjectOfAnEncryptedMailAndSaysWhatStandsOutside) {
    const auto encrypted = encrypt(mail, {.recipients = {m_alice.certificate},
                                          .header_protection = HeaderProtection::cipher,
                                          .drop_bcc = true});
    ASSERT_TRUE(encrypted) << encrypted.error().detail;
    const std::string outside = encrypted->substr(0, encrypted->find("Content-Type"));
    EXPECT_EQ(outside,
              "From: Alice <alice@example.test>\r\n"
              "To: bob@example.test\r\n"
              "Subject: [...]\r\n"
              "MIME-Version: 1.0\r\n");
    EXPECT_THAT(decrypted(*encrypted), HasSubstr("Subject: the\r\n merger\r\n"
                                                 "Keywords: secret\r\n"
                                                 "HP-Outer: From: Alice <alice@example.test>\r\n"
                                                 "HP-Outer: To: bob@example.test\r\n"
                                                 "HP-Outer: Subject: [...]\r\n"
                                                 "Content-Type: text/plain; charset=us-ascii;\r\n"
                                                 " hp-legacy-display=\"1\";\r\n"
                                                 " hp=\"cipher\"\r\n"));
}

TEST_F(ProtectingTheHeader, SignsTheWholeHeaderOfAMailThatIsSignedAndEncrypted) {
    TextSink out;
    ASSERT_TRUE(sign_and_encrypt(
        TextSource(mail), out, sign_options(m_alice),
        {.recipients = {m_alice.certificate}, .header_protection = HeaderProtection::cipher}));
    EXPECT_THAT(out.text(), Not(HasSubstr("merger")));
    const std::string payload = payload_of(decrypted(out.text()));
    EXPECT_THAT(payload, HasSubstr("Subject: the\r\n merger\r\n"));
    EXPECT_THAT(payload, HasSubstr("HP-Outer: Subject: [...]\r\n"));
    EXPECT_THAT(payload, HasSubstr("hp=\"cipher\""));
}

TEST_F(ProtectingTheHeader, LosesNoFieldOnTheWayThroughEncryption) {
    const std::string pdf =
        "From: alice@example.test\r\nSubject: the merger\r\nMIME-Version: 1.0\r\n"
        "Content-Type: application/pdf\r\n\r\nx\r\n";
    const auto encrypted =
        encrypt(pdf, {.recipients = {m_alice.certificate}, .header_protection = HeaderProtection::cipher});
    ASSERT_TRUE(encrypted) << encrypted.error().detail;
    const std::array keys{test::key_of(m_alice)};
    const auto decrypted = test::decrypt(*encrypted, keys);
    ASSERT_TRUE(decrypted) << decrypted.error().detail;
    EXPECT_EQ(*decrypted,
              "MIME-Version: 1.0\r\nFrom: alice@example.test\r\nSubject: the merger\r\n"
              "HP-Outer: From: alice@example.test\r\nHP-Outer: Subject: [...]\r\n"
              "Content-Type: application/pdf;\r\n hp=\"cipher\"\r\n\r\nx\r\n");
}

TEST_F(ProtectingTheHeader, ShowsTheSignedFieldsOfADecryptedMailOutsideOfTheSignature) {
    TextSink out;
    ASSERT_TRUE(sign_and_encrypt(
        TextSource(mail), out, sign_options(m_alice),
        {.recipients = {m_alice.certificate}, .header_protection = HeaderProtection::cipher}));
    const std::array keys{test::key_of(m_alice)};
    const auto decrypted = test::decrypt(out.text(), keys);
    ASSERT_TRUE(decrypted) << decrypted.error().detail;
    const std::string outside = decrypted->substr(0, decrypted->find("Content-Type: multipart/signed"));
    EXPECT_THAT(outside, HasSubstr("Subject: the\r\n merger\r\nKeywords: secret\r\n"));
    EXPECT_THAT(outside, Not(HasSubstr("HP-Outer")));
    EXPECT_EQ(test::verdict(*decrypted, trusting(m_authority)), "good");
}

TEST_F(ProtectingTheHeader, WorksForAMailWithoutContentTypeAndWithLf) {
    SignOptions options = sign_options(m_alice);
    options.header_protection = HeaderProtection::clear;
    const auto signed_mail = sign("Subject: x\nFrom: alice@example.test\n\ntext\n", options);
    ASSERT_TRUE(signed_mail);
    EXPECT_EQ(payload_of(*signed_mail),
              "Subject: x\nFrom: alice@example.test\n"
              "Content-Type: text/plain; charset=us-ascii;\n hp=\"clear\"\n\ntext\n");
}

TEST_F(ProtectingTheHeader, RefusesAPayloadThatClaimsToBeProtected) {
    SignOptions options = sign_options(m_alice);
    options.header_protection = HeaderProtection::clear;
    EXPECT_EQ(
        sign(test::mail_with("Content-Type: text/plain; hp=\"cipher\"\r\n\r\nx\r\n"), options).error().code,
        ErrorCode::malformed);
}

TEST_F(ProtectingTheHeader, RefusesTheClearFormForAnEncryptedMail) {
    EXPECT_EQ(
        encrypt(mail, {.recipients = {m_alice.certificate}, .header_protection = HeaderProtection::clear})
            .error()
            .code,
        ErrorCode::invalid_parameter);
}

}  // namespace
}  // namespace signet::smime
