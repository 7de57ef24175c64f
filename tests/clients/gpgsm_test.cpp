// gpgsm and gpg-agent with gnupg-pkcs11-scd: what KMail, Kleopatra and the other programs behind GPGME use.
#include "tests/clients/client_test.h"
#include "tests/support/mail_peers.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::HasSubstr;

class Gpgsm : public ClientTest {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("gpgsm");
        SIGNET_REQUIRE_PROGRAM("gnupg-pkcs11-scd");
        ClientTest::SetUp();
        // gpgsm starts its daemons, which find the agent by their environment.
        for (const auto& [name, value] : agent().variables()) {
            setenv(name.c_str(), value.c_str(), 1);
        }
        m_home.emplace(place().authority().certificate());
        m_home->use_cards_through(pkcs11_module());
        gpgsm({"--learn-card"});
    }
    std::string gpgsm(const std::vector<std::string>& arguments) {
        const auto result = m_home->run(arguments);
        EXPECT_EQ(result.exit_status, 0) << arguments[0] << ": " << result.error_output;
        return result.output;
    }
    [[nodiscard]] std::string file(std::string_view name) const { return m_files / name; }

    std::optional<GpgsmHome> m_home;
    TemporaryDirectory m_files;
};

// Only its RSA keys: gnupg-pkcs11-scd 0.10 ignores keys on curves.
TEST_F(Gpgsm, LearnsListsSignsAndVerifies) {
    const auto keys = gpgsm({"--list-secret-keys"});
    EXPECT_THAT(keys, HasSubstr("/CN=rsa"));
    EXPECT_THAT(keys, testing::Not(HasSubstr("/CN=ec")));
    gpgsm({"--detach-sign", "-u", "rsa@example.test", "-o", file("signature"), place().path("message")});
    const auto verification = m_home->run({"--verify", file("signature"), place().path("message")});
    EXPECT_EQ(verification.exit_status, 0);
    EXPECT_THAT(verification.error_output, HasSubstr("Good signature"));
}

TEST_F(Gpgsm, DecryptsWhatOpensslAndItselfEncrypted) {
    encrypt_for("rsa");
    EXPECT_EQ(gpgsm({"--decrypt", place().path("encrypted.p7m")}), place().read("message"));
    gpgsm({"--encrypt", "-r", "rsa@example.test", "-o", file("own.p7m"), place().path("message")});
    EXPECT_EQ(gpgsm({"--decrypt", file("own.p7m")}), place().read("message"));
}

TEST_F(Gpgsm, LeavesThePromptToTheAgent) {
    ASSERT_TRUE(agent().lock());
    agent().answer_prompts({SoftHsm::pin});
    gpgsm({"--detach-sign", "-u", "rsa@example.test", "-o", file("signature"), place().path("message")});
    EXPECT_EQ(agent().prompts(), 1);
}

}  // namespace
}  // namespace signet::test
