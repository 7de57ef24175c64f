// What `signet read` tells of mails that are for a key on a token, through a real agent.
#include "tests/e2e/people.h"
#include "tests/e2e/workplace.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ReadingMail : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("openssl");
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        m_certificate = m_place.add_identity("rsa:2048", "01", alice);
        m_place.add_peer("P-256", bob);
        m_place.start();
    }
    // Signed by Alice, and encrypted to her own key too.
    std::string signed_and_encrypted() {
        return m_place.signet_output({"sign", "--cert", "bob.pem", "--protect-headers"}, mail_from(alice));
    }
    ProcessResult read(const std::string& mail, std::vector<std::string> options = {}) {
        options.insert(options.begin(), {"read", "--ca", "root.pem"});
        return m_place.signet(options, mail);
    }

    Workplace m_place;
    std::optional<x509::Certificate> m_certificate;
};

TEST_F(ReadingMail, TellsPeopleWhoSignedAndWhatProtectsWhat) {
    const auto result = read(signed_and_encrypted());
    EXPECT_EQ(result.exit_status, 0) << result.output << result.error_output;
    EXPECT_THAT(result.output, StartsWith("1 application/pkcs7-mime \"smime.p7m\", "));
    EXPECT_THAT(result.output, HasSubstr("\n  encryption, enveloped-data, aes-128-cbc, authenticated\n"
                                         "  1.1 multipart/signed, "));
    EXPECT_THAT(result.output, HasSubstr("\n    signature, multipart/signed\n"
                                         "      good\n"
                                         "        signer: CN=alice\n"
                                         "        issuer: CN=Signet Test Root\n"
                                         "        fingerprint: " +
                                         m_certificate->fingerprint() +
                                         "\n"
                                         "        e-mail: alice@example.test\n"
                                         "        signed at: "));
    EXPECT_THAT(result.output, AllOf(HasSubstr("\n        digest: sha256\n        chain good since: " +
                                               m_certificate->not_before() + "\n"),
                                     HasSubstr("\n    1.1.1 text/plain, "),
                                     HasSubstr("\n    1.1.2 application/pkcs7-signature \"smime.p7s\", ")));
    EXPECT_THAT(result.output,
                HasSubstr("\nprotected header (hp-cipher):\n  From: alice@example.test (same)\n"));
    EXPECT_THAT(result.output, EndsWith("the mail is encrypted\nthe mail is signed by alice@example.test\n"));
}

TEST_F(ReadingMail, TellsProgramsTheSame) {
    const auto result = read(signed_and_encrypted(), {"--json"});
    EXPECT_EQ(result.exit_status, 0) << result.output << result.error_output;
    EXPECT_THAT(result.output,
                AllOf(StartsWith(R"({"good":true,"encrypted":true,"not_authenticated":false,)"),
                      HasSubstr(R"("findings":[])"), HasSubstr(R"("status":"good","reason":"")"),
                      HasSubstr(R"("emails":["alice@example.test"])"),
                      HasSubstr(R"("fingerprint":")" + m_certificate->fingerprint() + '"'),
                      HasSubstr(R"("chain_good_since":")" + m_certificate->not_before() + '"')));
    EXPECT_THAT(
        result.output,
        AllOf(HasSubstr(R"("header_protection":{"form":"hp-cipher","signed":true,"fields":[)"),
              HasSubstr(R"("layer":{"kind":"encryption","form":"enveloped-data",)"
                        R"("algorithm":"aes-128-cbc","opened":true,"good":false,"authenticated":true)"),
              HasSubstr(R"("path":"1.1.1","type":"text/plain")"), HasSubstr(R"("layers":["1","1.1"])")));
}

TEST_F(ReadingMail, WritesAPartOfIt) {
    const auto result = read(signed_and_encrypted(), {"--part", "1.1.1"});
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_THAT(result.output, EndsWith("this is from a token.\r\n"));
}

TEST_F(ReadingMail, SaysThatAnotherFromIsNotTheSigners) {
    std::string mail = m_place.signet_output({"sign"}, mail_from(alice));
    mail.replace(mail.find(alice), std::string_view(alice).size(), "carol@example.test");
    const auto result = read(mail);
    EXPECT_EQ(result.exit_status, 1);
    EXPECT_THAT(result.output,
                AllOf(HasSubstr("address_mismatch: the certificate is not for the From address\n"),
                      HasSubstr("\naddress_mismatch (1): "),
                      EndsWith("the mail is not encrypted\nthe mail is not signed, or not well\n")));
    EXPECT_THAT(result.output, Not(HasSubstr("signed by")));
}

TEST_F(ReadingMail, LeavesItClosedWithoutAKey) {
    const auto result =
        read(m_place.signet_output({"encrypt", "--cert", "bob.pem", "--no-self"}, mail_from(alice)));
    EXPECT_EQ(result.exit_status, 1);
    EXPECT_THAT(result.output, AllOf(HasSubstr("not authenticated, closed\n"),
                                     HasSubstr("not_decrypted (1): "), HasSubstr("the mail is encrypted\n")));
    const auto unopened = read(signed_and_encrypted(), {"--no-decrypt", "--json"});
    EXPECT_EQ(unopened.exit_status, 1);
    EXPECT_THAT(unopened.output, HasSubstr(R"("code":"not_decrypted")"));
}

}  // namespace
}  // namespace signet::test
