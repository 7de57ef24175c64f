#include "smime/wrap.h"

#include "smime/cms.h"
#include "tests/smime/mails.h"
#include "tests/support/mail_peers.h"

#include <gmock/gmock.h>

namespace signet::smime {
namespace {

using test::decrypted_by_openssl;
using test::plain_mail;
using test::sign_options;
using test::trusting;
using test::verdict;
using test::verify;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Wrapping : public ::testing::Test {
  protected:
    // A mail around what was inside another one.
    static std::string mail_around(const std::string& entity) {
        return "From: alice@example.test\r\n" + entity;
    }

    signet::test::TestAuthority m_authority;
    signet::test::Identity m_alice = m_authority.issue_identity("P-256", "alice@example.test");
};

TEST_F(Wrapping, SignsInsideAndEncryptsOutside) {
    TextSink out;
    ASSERT_TRUE(sign_and_encrypt(TextSource(plain_mail()), out, sign_options(m_alice),
                                 {.recipients = {m_alice.certificate}}));
    EXPECT_THAT(out.text(), HasSubstr("smime-type=enveloped-data"));
    const std::string inner = decrypted_by_openssl(out.text(), m_alice);
    EXPECT_THAT(inner, StartsWith("Content-Type: multipart/signed"));
    EXPECT_EQ(verdict(mail_around(inner), trusting(m_authority)), "good");
}

TEST_F(Wrapping, SignsWhatIsEncryptedAndWhatIsInsideOfIt) {
    SignOptions inner = sign_options(m_alice);
    inner.form = SignatureForm::opaque;
    TextSink out;
    ASSERT_TRUE(triple_wrap(TextSource(plain_mail()), out, inner,
                            {.recipients = {m_alice.certificate}, .cipher = ContentCipher::aes256_gcm},
                            sign_options(m_alice)));
    const auto outer = verify(out.text(), trusting(m_authority));
    ASSERT_TRUE(outer);
    EXPECT_EQ(verdict(out.text(), trusting(m_authority)), "signature_outside_encryption");
    EXPECT_THAT(outer->content, HasSubstr("smime-type=authEnveloped-data"));
    const std::string innermost = decrypted_by_openssl(outer->content, m_alice);
    EXPECT_THAT(innermost, HasSubstr("smime-type=signed-data"));
    const auto verification = verify(mail_around(innermost), trusting(m_authority));
    ASSERT_TRUE(verification && verification->good);
    EXPECT_EQ(verification->content,
              "Content-Type: text/plain; charset=us-ascii\r\n\r\nHello Bob,\r\nthis is signed.\r\n");
}

// ECDSA signatures differ each time.
TEST_F(Wrapping, SignsOnceForSeveralMessages) {
    const auto bob = m_authority.issue_identity("P-256", "bob@example.test");
    TextSink for_alice;
    TextSink for_bob;
    const std::vector<Encryption> messages{{&for_alice, {.recipients = {m_alice.certificate}}},
                                           {&for_bob, {.recipients = {bob.certificate}}}};
    ASSERT_TRUE(sign_and_encrypt(TextSource(plain_mail()), messages, sign_options(m_alice)));
    const std::string inner = decrypted_by_openssl(for_alice.text(), m_alice);
    EXPECT_EQ(verdict(mail_around(inner), trusting(m_authority)), "good");
    EXPECT_EQ(decrypted_by_openssl(for_bob.text(), bob), inner);

    TextSink wrapped_for_alice;
    TextSink wrapped_for_bob;
    const std::vector<Encryption> wrapped{{&wrapped_for_alice, messages[0].options},
                                          {&wrapped_for_bob, messages[1].options}};
    ASSERT_TRUE(triple_wrap(TextSource(plain_mail()), wrapped, sign_options(m_alice), sign_options(m_alice)));
    const auto outer_for_alice = verify(wrapped_for_alice.text(), trusting(m_authority));
    const auto outer_for_bob = verify(wrapped_for_bob.text(), trusting(m_authority));
    ASSERT_TRUE(outer_for_alice && outer_for_bob);
    EXPECT_EQ(verdict(wrapped_for_alice.text(), trusting(m_authority)), "signature_outside_encryption");
    EXPECT_EQ(decrypted_by_openssl(outer_for_alice->content, m_alice),
              decrypted_by_openssl(outer_for_bob->content, bob));
}

TEST_F(Wrapping, RefusesHeaderProtectionOfSomeMessagesOnly) {
    TextSink out;
    const std::vector<Encryption> messages{
        {&out, {.recipients = {m_alice.certificate}}},
        {&out, {.recipients = {m_alice.certificate}, .header_protection = HeaderProtection::cipher}}};
    EXPECT_EQ(sign_and_encrypt(TextSource(plain_mail()), messages, sign_options(m_alice)).error().code,
              ErrorCode::invalid_parameter);
}

TEST_F(Wrapping, RefusesHeaderProtectionOfTheSignatureAlone) {
    SignOptions options = sign_options(m_alice);
    options.header_protection = HeaderProtection::clear;
    TextSink out;
    EXPECT_EQ(sign_and_encrypt(TextSource(plain_mail()), out, options, {.recipients = {m_alice.certificate}})
                  .error()
                  .code,
              ErrorCode::invalid_parameter);
}

TEST(CertsOnly, HoldsEachCertificateOnceAndNoSigner) {
    signet::test::TestAuthority authority;
    const auto alice = authority.issue_identity("P-256", "alice@example.test");
    const std::array certificates{alice.certificate, authority.certificate(), alice.certificate};
    TextSink out;
    ASSERT_TRUE(certs_only(certificates, "From: alice@example.test\r\nSubject: my certificate\r\n", out));
    EXPECT_THAT(out.text(), StartsWith("From: alice@example.test\r\nSubject: my certificate\r\n"
                                       "MIME-Version: 1.0\r\n"
                                       "Content-Type: application/pkcs7-mime; smime-type=certs-only;\r\n"
                                       " name=\"smime.p7c\"\r\n"));
    const auto cms = parse_cms(signet::test::cms_of_mail(out.text()));
    ASSERT_TRUE(cms);
    const x509::X509StackPointer included(CMS_get1_certs(cms->get()));
    EXPECT_EQ(sk_X509_num(included.get()), 2);
    EXPECT_EQ(sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms->get())), 0);
}

TEST(CertsOnly, RefusesNoCertificateAndAHeaderThatDescribesABody) {
    signet::test::TestAuthority authority;
    const std::array certificates{authority.certificate()};
    TextSink out;
    EXPECT_EQ(certs_only({}, "", out).error().code, ErrorCode::invalid_parameter);
    EXPECT_EQ(certs_only(certificates, "Content-Type: text/plain\r\n", out).error().code,
              ErrorCode::invalid_parameter);
    EXPECT_EQ(certs_only(certificates, "no field\r\n", out).error().code, ErrorCode::malformed);
}

}  // namespace
}  // namespace signet::smime
