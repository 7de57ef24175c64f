// The real Thunderbird in a window: it opens encrypted mails and sends a signed one.
#include "tests/clients/client_test.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>
#include <signal.h>

#include <ctime>

namespace signet::test {
namespace {

using testing::HasSubstr;

// Files by which the driver waits for the test.
constexpr const char* pause = "touch paused; until [ -e go ]; do sleep 0.1; done";

class Thunderbird : public ClientTest {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("thunderbird");
        SIGNET_REQUIRE_PROGRAM("Xvfb");
        SIGNET_REQUIRE_PROGRAM("certutil");
        ClientTest::SetUp();
        write_encrypted_mail("rsa");
        write_encrypted_mail("ec");
    }
    // "encrypted-<label>.eml", dated now: Thunderbird shows no mail without a date as good.
    void write_encrypted_mail(const std::string& label) {
        const std::string name = "encrypted-" + label;
        place().write("entity", "Content-Type: text/plain\r\n\r\nThe secret text.\r\n");
        const auto mail =
            succeed({"openssl", "cms", "-encrypt", "-aes256", "-in", "entity", "-from", "bob@example.test",
                     "-to", "alice@example.test", "-subject", name, label + ".pem"});
        char date[64] = {};
        const std::time_t now = std::time(nullptr);
        std::tm time{};
        gmtime_r(&now, &time);
        std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &time);
        place().write(name + ".eml", "Message-ID: <" + name + "@example.test>\nDate: " + date + "\n" + mail);
    }
    [[nodiscard]] std::vector<std::string> driver() {
        std::filesystem::create_directory(place().path("thunderbird"));
        return {SIGNET_SOURCE_DIR "/tests/clients/thunderbird/drive",
                "--folder",
                place().path("thunderbird"),
                "--module",
                pkcs11_module(),
                "--certificate",
                place().path("rsa.pem"),
                "--root",
                place().path("root.pem"),
                "--pictures",
                SIGNET_BUILD_DIR "/tests/thunderbird",
                "--before-sending",
                "cd '" + place().path("") + "' && " + pause,
                place().path("encrypted-rsa.eml"),
                place().path("encrypted-ec.eml")};
    }
};

TEST_F(Thunderbird, OpensEncryptedMailAndSignsAlsoAfterTheAgentWasKilled) {
    BackgroundProcess driving(driver(), agent().variables(), place().path("report"));
    ASSERT_TRUE(eventually(
        [this, &driving] { return std::filesystem::exists(place().path("paused")) || !driving.running(); },
        std::chrono::seconds(80)));
    EXPECT_EQ(agent().prompts(), 0);
    agent().process().signal(SIGKILL);
    agent().process().wait(std::chrono::seconds(10));
    agent().stop();
    agent().start();
    agent().answer_prompts({SoftHsm::pin});
    place().write("go", "");
    EXPECT_EQ(driving.wait(std::chrono::seconds(60)), 0);

    const auto report = place().read("report");
    EXPECT_THAT(report, HasSubstr(std::string("Builtin Object Token, ") + Workplace::token))
        << "by the policy";
    for (const std::string label : {"rsa", "ec"}) {
        EXPECT_THAT(report,
                    HasSubstr("opened encrypted-" + label + ": The secret text. [message-encrypted-ok]"));
    }
    EXPECT_EQ(agent().prompts(), 1) << "by the new agent: " << report;
    EXPECT_THAT(agent().prompt_log(), HasSubstr("Asked for by thunderbird"));
    EXPECT_THAT(succeed({"openssl", "cms", "-verify", "-in", "thunderbird/sent.eml", "-CAfile", "root.pem"}),
                HasSubstr("Content-Type: text/plain"))
        << report;
}

}  // namespace
}  // namespace signet::test
