// What matrix_test.cpp leaves out: whole mails through the MIME parser and writer of openssl cms, and mails
// for keys of several kinds.
#include "smime/line_endings.h"
#include "tests/smime/decryption.h"
#include "tests/smime/mails.h"
#include "tests/support/mail_peers.h"
#include "tests/support/requirements.h"
#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"

#include <gmock/gmock.h>

namespace signet::smime {
namespace {

using signet::test::run;
using signet::test::write_file;
using ::testing::HasSubstr;

class Peers : public ::testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("openssl");
        write_file(m_folder / "root.pem", signet::test::to_pem(m_authority.certificate()));
        write_file(m_folder / "alice.pem", signet::test::to_pem(m_alice.certificate));
        write_file(m_folder / "alice.key", signet::test::to_pem(m_alice.key.get()));
        write_file(m_folder / "entity", "Content-Type: text/plain\r\n\r\nWritten by a peer.\r\n");
    }
    signet::test::ProcessResult openssl(std::vector<std::string> arguments,
                                        const std::string& input = {}) const {
        arguments.insert(arguments.begin(), {"openssl", "cms"});
        return run(arguments, {.input = input, .variables = {}, .working_directory = m_folder.path()});
    }
    std::string mail_of_openssl(const std::vector<std::string>& arguments) const {
        const auto result = openssl(arguments);
        EXPECT_EQ(result.exit_status, 0) << result.error_output;
        return result.output;
    }
    // For a key of either kind.
    std::string cms_for_alice_and_bob() {
        const auto bob = m_authority.issue_identity("P-256", "bob@example.test");
        return signet::test::cms_of_mail(
            test::encrypt(test::plain_mail(), {.recipients = {bob.certificate, m_alice.certificate}})
                .value());
    }

    signet::test::TemporaryDirectory m_folder;
    signet::test::TestAuthority m_authority;
    const signet::test::Identity m_alice = m_authority.issue_identity("rsa:2048", "alice@example.test");
};

TEST_F(Peers, OpensslReadsOurMailsWithEitherLineEnding) {
    for (const SignatureForm form : {SignatureForm::detached, SignatureForm::opaque}) {
        SignOptions options = test::sign_options(m_alice);
        options.form = form;
        const std::string mail = test::sign(test::plain_mail(), options).value();
        for (const std::string& received : {mail, to_lf(mail)}) {
            const auto result = openssl({"-verify", "-CAfile", "root.pem"}, received);
            EXPECT_THAT(result.error_output, HasSubstr("CMS Verification successful"));
            EXPECT_THAT(result.output, HasSubstr("this is signed."));
        }
    }
    const std::string mail = test::encrypt(test::plain_mail(), {.recipients = {m_alice.certificate}}).value();
    for (const std::string& received : {mail, to_lf(mail)}) {
        EXPECT_THAT(openssl({"-decrypt", "-recip", "alice.pem", "-inkey", "alice.key"}, received).output,
                    HasSubstr("this is signed."));
    }
}

TEST_F(Peers, MailsOfOpensslAreRead) {
    std::vector<std::string> sign{"-sign",  "-in",       "entity", "-signer",           "alice.pem",
                                  "-inkey", "alice.key", "-from",  "alice@example.test"};
    EXPECT_EQ(test::verdict(mail_of_openssl(sign), test::trusting(m_authority)), "good");
    sign.emplace_back("-nodetach");
    EXPECT_EQ(test::verdict(mail_of_openssl(sign), test::trusting(m_authority)), "good");
    const std::vector keys{test::key_of(m_alice)};
    const auto decrypted =
        test::decrypt(mail_of_openssl({"-encrypt", "-in", "entity", "-aes128", "-recip", "alice.pem"}), keys);
    ASSERT_TRUE(decrypted) << decrypted.error().detail;
    EXPECT_THAT(*decrypted, HasSubstr("Written by a peer."));
}

TEST_F(Peers, GpgsmReadsAMailThatIsForAnEcKeyToo) {
    SIGNET_REQUIRE_PROGRAM("gpgsm");
    signet::test::GpgsmHome gpgsm(m_authority.certificate());
    gpgsm.import(m_alice);
    write_file(m_folder / "e.p7m", cms_for_alice_and_bob());
    const auto result = gpgsm.run({"--decrypt", (m_folder / "e.p7m").string()});
    EXPECT_THAT(result.output, HasSubstr("this is signed.")) << result.error_output;
}

// Not even with the RSA key, which comes first.
TEST_F(Peers, NssOfDebianDoesNotReadAMailThatIsForAnEcKeyToo) {
    SIGNET_REQUIRE_PROGRAM("cmsutil");
    SIGNET_REQUIRE_PROGRAM("pk12util");
    signet::test::NssDatabase nss(m_authority.certificate());
    nss.import(m_alice);
    write_file(m_folder / "e.p7m", cms_for_alice_and_bob());
    EXPECT_THAT(nss.cmsutil({"-D", "-i", (m_folder / "e.p7m").string()}).error_output,
                HasSubstr("SEC_ERROR_BAD_DER"));
}

}  // namespace
}  // namespace signet::smime
