// The real Kleopatra in its windows, by gpgsm: it lists the token's certificate, decrypts, verifies and
// signs.
#include "tests/clients/gnupg_window_test.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Kleopatra : public GnupgWindowTest {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("kleopatra");
        GnupgWindowTest::SetUp();
    }
};

TEST_F(Kleopatra, ListsDecryptsVerifiesAndSignsAfterOnePromptOfTheAgent) {
    place().unlock();
    const auto message = place().read("message");
    place().write("secret.p7m", place().signet_output(
                                    {"encrypt", "--to", "rsa@example.test", "--no-self", "--cms"}, message));
    place().write("theirs.p7s",
                  place().signet_output({"sign", "--from", "rsa@example.test", "--cms"}, message));
    place().write("theirs", message);
    ASSERT_TRUE(agent().lock());

    const auto report =
        drive("kleopatra", {"--address", "rsa@example.test", "--decrypt", place().path("secret.p7m"),
                            "--verify", place().path("theirs.p7s"), "--sign", place().path("message")});
    EXPECT_THAT(report, AllOf(HasSubstr("Decryption succeeded"), HasSubstr("Valid signature"),
                              HasSubstr("Signing succeeded")));
    EXPECT_EQ(agent().prompts(), 1) << agent().prompt_log();
    EXPECT_THAT(agent().prompt_log(), HasSubstr("Asked for by gnupg-pkcs11-scd"));
    EXPECT_EQ(place().read("secret"), message);
    expect_openssl_verifies("message.p7s", "message");
}

}  // namespace
}  // namespace signet::test
