// The real Claws Mail in a window, by gpgsm: it opens an encrypted mail and a signed one, and sends a signed
// one.
#include "tests/clients/gnupg_window_test.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::HasSubstr;

class ClawsMail : public GnupgWindowTest {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("claws-mail");
        GnupgWindowTest::SetUp();
    }
};

TEST_F(ClawsMail, OpensAndSendsMailsAfterOnePromptOfTheAgent) {
    place().unlock();
    const auto mail = mail_from("rsa@example.test");
    place().write("encrypted.eml", place().signet_output({"encrypt", "--to", "rsa@example.test"}, mail));
    place().write("signed.eml", place().signet_output({"sign", "--from", "rsa@example.test"}, mail));
    ASSERT_TRUE(agent().lock());

    drive("claws_mail",
          {"--address", "rsa@example.test", "--shows", place().path("encrypted.eml"), "this is from a token.",
           "--shows", place().path("signed.eml"), "Good signature from", place().path("sent.eml")});
    EXPECT_EQ(agent().prompts(), 1) << agent().prompt_log();
    EXPECT_THAT(agent().prompt_log(), HasSubstr("Asked for by gnupg-pkcs11-scd"));
    const auto sent = place().read("sent.eml");
    EXPECT_THAT(sent, HasSubstr("Hello Bob."));
    const auto verdict = place().signet({"verify", "--ca", place().path("root.pem")}, sent);
    EXPECT_EQ(verdict.exit_status, 0) << verdict.output << sent;
}

}  // namespace
}  // namespace signet::test
