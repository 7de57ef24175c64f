// What a person sees when something stands in the way of `signet`: message, remedy and exit status.
#include "tests/e2e/people.h"
#include "tests/e2e/workplace.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class CommandErrors : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        fault("");
        m_place.emplace(AgentOptions{.module = SIGNET_BUILD_DIR "/tests/signet-test-module.so",
                                     .variables = {{"SIGNET_TEST_FAULT_FILE", m_folder / "fault"}}});
        m_place->add_identity("EC:prime256v1", "01", alice);
        m_place->agent().start();
    }
    void fault(const std::string& name) {
        write_file(m_folder / "fault.new", name);
        std::filesystem::rename(m_folder / "fault.new", m_folder / "fault");
    }
    ProcessResult sign() { return m_place->signet({"sign", "--out", "signed.eml"}, mail_from(alice)); }
    void expect_nothing_written() { EXPECT_FALSE(std::filesystem::exists(m_place->path("signed.eml"))); }

    TemporaryDirectory m_folder;
    std::optional<Workplace> m_place;
};

TEST_F(CommandErrors, AWrongPinIsAskedForAgainAndTheMailIsSigned) {
    m_place->agent().answer_prompts({"999999", SoftHsm::pin});
    const auto result = sign();
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_EQ(m_place->agent().prompts(), 2);
    EXPECT_THAT(m_place->agent().prompt_log(), AllOf(HasSubstr("Wrong PIN."), HasSubstr("signet (pid ")));
    EXPECT_EQ(m_place->signet({"verify", "--ca", "root.pem", "--in", "signed.eml"}).exit_status, 0);
}

TEST_F(CommandErrors, ACancelledPromptSaysHowToBeAskedAgain) {
    m_place->agent().answer_prompts({"999999", "cancel"});
    const auto result = sign();
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_THAT(result.error_output, AllOf(HasSubstr("signet: cancelled"), HasSubstr("run: signet unlock"),
                                           Not(HasSubstr("error:"))));
    expect_nothing_written();
    m_place->agent().answer_prompts({SoftHsm::pin});
    EXPECT_EQ(m_place->signet({"unlock"}).exit_status, 0);
    EXPECT_EQ(sign().exit_status, 0);
}

TEST_F(CommandErrors, ABlockedPinIsNamedAndNotAskedFor) {
    fault("pin-countdown");
    m_place->agent().answer_prompts({"999999", "888888", "777777", "666666"});
    for (int i = 0; i < 2; ++i) {
        const auto result = sign();
        EXPECT_EQ(result.exit_status, 3);
        EXPECT_THAT(result.error_output, AllOf(HasSubstr("the PIN is blocked"), HasSubstr("PUK")));
        EXPECT_EQ(m_place->agent().prompts(), 3);
    }
    EXPECT_THAT(m_place->signet_output({"tokens"}), HasSubstr("PIN blocked"));
    expect_nothing_written();
}

TEST_F(CommandErrors, ATokenThatIsPulledOutInTheMiddleIsNamed) {
    m_place->unlock();
    fault("removed-while-signing");
    const auto result = sign();
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_THAT(result.error_output,
                AllOf(HasSubstr("the token was removed"), HasSubstr("insert it and run the command again")));
    expect_nothing_written();
    const auto again = sign();
    EXPECT_EQ(again.exit_status, 3);
    EXPECT_THAT(again.error_output, HasSubstr("no key to sign with for alice@example.test"));
}

TEST_F(CommandErrors, AModuleThatCrashesIsNamedAndTheNextMailIsSigned) {
    m_place->unlock();
    fault("segfault");
    const auto result = sign();
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_THAT(result.error_output, HasSubstr("the token or its module failed"));
    expect_nothing_written();
    fault("");
    EXPECT_EQ(sign().exit_status, 0);
}

TEST_F(CommandErrors, AnAgentThatIsGoneIsNamed) {
    m_place->agent().stop();
    const auto result = sign();
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_THAT(result.error_output, AllOf(HasSubstr("cannot reach the agent"), HasSubstr("signet-agent")));
}

TEST_F(CommandErrors, AnAmbiguousAddressListsTheCandidates) {
    m_place->agent().stop();
    m_place->agent().softhsm().generate_key(Workplace::token, "EC:prime256v1", "02", "second");
    m_place->add_certificate("02", {.subject = "second", .email = alice});
    m_place->start();
    const auto result = sign();
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_THAT(result.error_output, AllOf(HasSubstr("alice@example.test fits several:\n"),
                                           HasSubstr("by its fingerprint, its identifier or a PKCS#11 URI")));
    for (const char* id : {"%01", "%02"}) {
        EXPECT_EQ(
            m_place->signet({"sign", "--key", std::string("pkcs11:id=") + id}, mail_from(alice)).exit_status,
            0);
    }
}

TEST_F(CommandErrors, AMailForAnotherIsNoAndABadSignatureIsNo) {
    m_place->unlock();
    m_place->add_peer("P-256", "bob@example.test");
    const auto encrypted =
        m_place->signet_output({"encrypt", "--cert", "bob.pem", "--no-self"}, mail_from(alice));
    EXPECT_EQ(m_place->signet({"decrypt"}, encrypted).exit_status, 1);
    ASSERT_EQ(sign().exit_status, 0);
    std::string mail = m_place->read("signed.eml");
    mail.replace(mail.find("Hello Bob"), 5, "Adieu");
    const auto verdict = m_place->signet({"verify", "--ca", "root.pem"}, mail);
    EXPECT_EQ(verdict.exit_status, 1);
    EXPECT_THAT(verdict.output, HasSubstr("bad_signature"));
}

TEST_F(CommandErrors, AWrongCallIsAWrongCall) {
    EXPECT_EQ(m_place->signet({"sign", "--key", "neither"}, mail_from(alice)).exit_status, 2);
    EXPECT_EQ(m_place->signet({"sign", "--no-such-option"}).exit_status, 2);
    EXPECT_EQ(m_place->signet({"encrypt", "--cipher", "rot13"}, mail_from(alice)).exit_status, 2);
    const auto unknown = m_place->signet({"no-such-command"});
    EXPECT_EQ(unknown.exit_status, 2);
    EXPECT_THAT(unknown.error_output, HasSubstr("unknown or incomplete command: no-such-command"));
}

}  // namespace
}  // namespace signet::test
