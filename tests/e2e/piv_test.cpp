// PIV cards from the reader to the client: a real pcscd, the emulated card, the real agent.
#include "ipc/codec.h"
#include "tests/e2e/card_workplace.h"
#include "tests/support/requirements.h"
#include "tests/support/rest.h"

#include <gmock/gmock.h>

#include <thread>

namespace signet::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// Another program at the card.
class CardHolder {
  public:
    // "transaction": keeps it busy, and does not hold it for itself alone.
    CardHolder(CardWorkplace& place, const std::vector<std::string>& how)
        : m_log(place.path("holder.log")),
          m_process(joined({SIGNET_CARD_HOLDER, place.desk().pcscd().slot_name()}, how),
                    place.desk().pcscd().variables(), m_log) {}

    [[nodiscard]] bool holds() const {
        return eventually([this] { return read_file(m_log) == "held\n"; });
    }
    void stop() { m_process.stop(); }

  private:
    static std::vector<std::string> joined(std::vector<std::string> command,
                                           const std::vector<std::string>& how) {
        command.insert(command.end(), how.begin(), how.end());
        return command;
    }

    std::string m_log;
    BackgroundProcess m_process;
};

class PivCard : public testing::Test {
  protected:
    void SetUp() override { SIGNET_REQUIRE_PCSCD(); }
};

TEST_F(PivCard, IsListedWithItsReaderAndSigns) {
    CardWorkplace place;
    place.start();
    const auto token = place.token();
    EXPECT_EQ(token.module, "piv");
    EXPECT_EQ(token.reader, place.desk().pcscd().slot_name());
    EXPECT_EQ(token.keys.size(), 4U);
    EXPECT_EQ(token.certificates.size(), 4U);
    place.agent().answer_prompts({InsertedCard::pin});
    const auto signature = place.sign("9a");
    EXPECT_TRUE(signature) << outcome(signature) << place.agent().log();
    EXPECT_EQ(place.agent().prompts(), 1);
}

TEST_F(PivCard, OneDoesEveryKindOfWork) {
    CardWorkplace place;
    place.start();
    ASSERT_TRUE(place.agent().unlock(InsertedCard::pin));
    EXPECT_EQ(outcome(place.sign("9a")), "good");
    EXPECT_EQ(outcome(place.decrypt("82")), "good");
    EXPECT_EQ(outcome(place.decrypt("9d")), "good");
    EXPECT_EQ(place.agent().prompts(), 0);
    // Its PIN is asked for at each signature.
    place.agent().answer_prompts({InsertedCard::pin, InsertedCard::pin});
    EXPECT_EQ(outcome(place.sign("9c")), "good");
    EXPECT_EQ(outcome(place.sign("9c")), "good");
    EXPECT_EQ(place.agent().prompts(), 2);
}

TEST_F(PivCard, CardAuthenticationNeedsNoPin) {
    auto state = piv_card::new_card(12345678, {5, 4, 3});
    TestAuthority authority;
    const auto& key = piv_card::put_key(state, 0x9E, piv_card::KeyAlgorithm::p256);
    piv_card::put_certificate(state, 0x9E, authority.issue(key.get(), "card", ""));
    CardWorkplace place(state, {}, {});
    place.start();
    EXPECT_EQ(outcome(place.sign("9e")), "good");
    EXPECT_EQ(place.agent().prompts(), 0);
}

TEST_F(PivCard, OffersToSshWhatIsForAuthenticationAlone) {
    SIGNET_REQUIRE_PROGRAM("ssh-add");
    auto state = piv_card::new_card(12345678, {5, 4, 3});
    TestAuthority authority;
    for (const auto& [slot, usage] : {std::pair{0x9A, CertificateUsage::authenticate},
                                      {0x9C, CertificateUsage::authenticate},
                                      {0x9D, CertificateUsage::encrypt},
                                      {0x9E, CertificateUsage::no_mail}}) {
        const auto& key =
            piv_card::put_key(state, static_cast<std::uint8_t>(slot), piv_card::KeyAlgorithm::p256);
        const std::string name = "slot-" + std::to_string(slot);
        piv_card::put_certificate(state, static_cast<std::uint8_t>(slot),
                                  authority.issue(key.get(), name, name + "@example.test", usage));
    }
    CardWorkplace place(state, {}, {});
    place.start();
    BackgroundProcess ssh_agent(
        {program("signet-ssh-agent"), "--config", "/dev/null", "--socket", place.path("run/ssh.sock")},
        place.agent().variables(), place.path("ssh-agent.log"));
    const auto run = [&place](const std::string& command) {
        return place.run({"sh", "-c", "SSH_AUTH_SOCK=" + place.path("run/ssh.sock") + " " + command});
    };
    ASSERT_TRUE(eventually([&run] { return run("ssh-add -l").exit_status == 0; }));
    const auto keys = run("ssh-add -L").output;
    EXPECT_THAT(keys, HasSubstr("slot-154@example.test")) << "9A";
    EXPECT_EQ(std::count(keys.begin(), keys.end(), '\n'), 1) << keys;
    place.agent().answer_prompts({InsertedCard::pin});
    const auto made =
        run("sh -c 'ssh-add -L >key.pub; echo text >file; ssh-keygen -q -Y sign -f key.pub -n file file'");
    EXPECT_EQ(made.exit_status, 0) << made.error_output;
    EXPECT_EQ(place.agent().prompts(), 1);
    EXPECT_EQ(ssh_agent.stop(), 0);
}

TEST_F(PivCard, CanBeLocked) {
    CardWorkplace place;
    place.start();
    ASSERT_TRUE(place.agent().unlock(InsertedCard::pin));
    ASSERT_TRUE(place.agent().lock());
    EXPECT_THAT(outcome(place.sign("9a")), HasSubstr("Cancelled"));
    EXPECT_EQ(place.agent().prompts(), 1);
}

TEST_F(PivCard, ForgetsItsPinWhenItIsTakenOutAndIsKnownAgain) {
    CardWorkplace place;
    place.start();
    const auto before = place.token();
    ASSERT_TRUE(place.agent().unlock(InsertedCard::pin));
    place.card().remove();
    ASSERT_TRUE(place.comes_to_list(0)) << place.agent().log();
    EXPECT_THAT(place.agent().log(), Not(HasSubstr("warning")));
    place.card().new_apdus();
    place.card().insert();
    ASSERT_TRUE(place.comes_to_list(1)) << place.agent().log();
    EXPECT_LE(place.card().new_apdus().size(), 5U);
    const auto after = place.token();
    EXPECT_EQ(after.id, before.id);
    EXPECT_EQ(after.slot, before.slot);
    EXPECT_FALSE(after.unlocked);
    place.agent().answer_prompts({InsertedCard::pin});
    EXPECT_EQ(outcome(place.sign("9a")), "good");
    EXPECT_EQ(place.agent().prompts(), 1);
}

TEST_F(PivCard, AnotherOneInTheSameReaderIsAnotherToken) {
    CardWorkplace place;
    place.start();
    const auto first = place.token();
    ASSERT_TRUE(place.agent().unlock(InsertedCard::pin));
    place.card().remove();
    // pcscd does not see a card that is out for less than it takes to look twice.
    ASSERT_TRUE(eventually([&place] {
        return place.agent().log().find("cards in readers: none") != std::string::npos;
    })) << place.agent().log();
    const InsertedCard other(place.desk().pcscd(), {.serial = 87654321});
    ASSERT_TRUE(eventually([&] {
        const auto tokens = place.agent().tokens();
        return tokens.size() == 1 && tokens.front().id != first.id;
    })) << place.agent().log();
    EXPECT_FALSE(place.token().unlocked);
}

TEST_F(PivCard, TwoInTwoReadersAreDrivenSideBySide) {
    CardWorkplace place;
    place.start();
    const InsertedCard second(place.desk().pcscd(), {.slot = 1, .serial = 87654321});
    ASSERT_TRUE(place.comes_to_list(2)) << place.agent().log();
    const auto tokens = place.agent().tokens();
    EXPECT_NE(tokens[0].id, tokens[1].id);
    EXPECT_NE(tokens[0].reader, tokens[1].reader);
    EXPECT_EQ(tokens[1].module, "piv");
    place.agent().answer_prompts({InsertedCard::pin});
    EXPECT_EQ(outcome(place.sign("9a")), "good");
    EXPECT_FALSE(place.agent().tokens()[1].unlocked) << "a PIN opened another card too";
}

TEST_F(PivCard, WorksAfterARestartOfPcscdWithItsPinForgotten) {
    CardWorkplace place;
    place.start();
    const auto id = place.token().id;
    ASSERT_TRUE(place.agent().unlock(InsertedCard::pin));
    for (const int signal_number : {SIGTERM, SIGKILL}) {
        place.desk().pcscd().restart(signal_number);
        ASSERT_TRUE(eventually([&place] {
            const auto tokens = place.agent().tokens();
            return tokens.size() == 1 && !tokens.front().unlocked;
        })) << place.agent().log();
        EXPECT_EQ(place.token().id, id);
        place.agent().answer_prompts({InsertedCard::pin});
        EXPECT_EQ(outcome(place.sign("9a")), "good") << place.agent().log();
    }
    EXPECT_EQ(place.agent().prompts(), 2);
}

TEST_F(PivCard, IsFoundWhenPcscdComesLaterThanTheAgent) {
    CardWorkplace place;
    place.desk().pcscd().stop();
    place.start(0);
    place.desk().pcscd().start();
    EXPECT_TRUE(place.comes_to_list(1)) << place.agent().log();
}

TEST_F(PivCard, IsThereForTheFirstCallOfANewAgent) {
    CardWorkplace place;
    place.agent().start();
    EXPECT_EQ(place.agent().tokens().size(), 1U) << place.agent().log();
}

TEST_F(PivCard, ThatFailsSlowlyKeepsNobodyWaitingFromThenOn) {
    InsertedCardOptions options;
    for (const auto* reading : {"1", "2"}) {
        options.faults.push_back(std::string("slow@") + reading + "/CB:700");
        options.faults.push_back(std::string("truncate@") + reading + "/CB:1");
    }
    CardWorkplace place(options);
    place.start(0);
    EXPECT_THAT(place.signet({"tokens"}).output, HasSubstr("module piv failed"));
    place.card().new_apdus();
    EXPECT_THAT(place.signet({"tokens"}).output, HasSubstr("module piv failed"));
    EXPECT_TRUE(place.card().new_apdus().empty()) << "it is read while somebody waits";
    place.card().remove();
    ASSERT_TRUE(eventually([&place] { return place.signet({"tokens"}).output == "no token is present\n"; }));
    place.card().insert();
    EXPECT_TRUE(place.comes_to_list(1)) << "put in again, it is another card: " << place.agent().log();
}

TEST_F(PivCard, IsMissedAloudWherePcscdHasGone) {
    CardWorkplace place;
    place.start();
    place.desk().pcscd().stop();
    EXPECT_TRUE(eventually([&place] {
        return place.signet({"tokens"}).output.find("pcscd cannot be reached") != std::string::npos;
    })) << place.signet({"tokens"}).output;
    place.desk().pcscd().start();
    ASSERT_TRUE(place.comes_to_list(1));
    EXPECT_THAT(place.signet({"tokens"}).output, Not(HasSubstr("failed")));
}

TEST_F(PivCard, WithoutTheApplicationIsNoToken) {
    InsertedCardOptions options;
    for (int i = 1; i <= 20; ++i) {
        options.faults.push_back("replace@" + std::to_string(i) + "/A4:6A82");
    }
    CardWorkplace place(options);
    place.start(0);
    ASSERT_TRUE(eventually(
        [&place] { return place.agent().log().find("no PIV card answers") != std::string::npos; }));
    EXPECT_THAT(place.agent().log(), Not(HasSubstr("warning")));
    place.card().new_apdus();
    EXPECT_TRUE(place.agent().tokens().empty());
    EXPECT_TRUE(place.card().new_apdus().empty()) << "it is asked again and again";
}

TEST_F(PivCard, HeldByAnotherProgramIsAnErrorThatNamesIt) {
    CardWorkplace place;
    // Before the agent, which stays connected.
    CardHolder holder(place, {});
    ASSERT_TRUE(holder.holds());
    place.start(0);
    ASSERT_TRUE(eventually([&place] {
        return place.signet({"tokens"}).output.find("signet-card-hol") != std::string::npos;
    })) << place.signet({"tokens"}).output;
    holder.stop();
    EXPECT_TRUE(place.comes_to_list(1)) << place.agent().log();
}

TEST_F(PivCard, KeptBusyByAnotherProgramIsAnErrorThatNamesIt) {
    CardWorkplace place;
    place.start();
    ASSERT_TRUE(place.agent().unlock(InsertedCard::pin));
    CardHolder holder(place, {"transaction"});
    ASSERT_TRUE(holder.holds());
    EXPECT_THAT(outcome(place.sign("9a")), HasSubstr("keeps the card busy: signet-card-hol"));
    holder.stop();
    EXPECT_EQ(outcome(place.sign("9a")), "good") << place.agent().log();
    EXPECT_EQ(place.agent().prompts(), 0);
}

TEST_F(PivCard, KeptBusyBeforeTheAgentCameIsAnErrorThatNamesIt) {
    CardWorkplace place;
    CardHolder holder(place, {"transaction"});
    ASSERT_TRUE(holder.holds());
    place.agent().start();
    const auto first = place.signet({"tokens"}).output;
    EXPECT_THAT(first, HasSubstr("module piv failed: the card in " + place.desk().pcscd().slot_name() +
                                 ": another program keeps the card busy: signet-card-hol"));
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THAT(place.signet({"unlock"}).error_output, HasSubstr("keeps the card busy: signet-card-hol"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3)) << "everybody waits";
    holder.stop();
    EXPECT_EQ(place.agent().tokens().size(), 1U) << place.agent().log();
}

TEST_F(PivCard, CanBeLockedWhileAnotherProgramKeepsItBusy) {
    CardWorkplace place;
    place.start();
    ASSERT_TRUE(place.agent().unlock(InsertedCard::pin));
    CardHolder holder(place, {"transaction"});
    ASSERT_TRUE(holder.holds());
    ASSERT_TRUE(place.agent().lock());
    // Behind the logout in the queue of the card, in the same process.
    EXPECT_THAT(place.signet({"token", "show"}).error_output,
                HasSubstr("keeps the card busy: signet-card-hol"));
    holder.stop();
    place.agent().answer_prompts({InsertedCard::pin});
    EXPECT_EQ(outcome(place.sign("9a")), "good") << place.agent().log();
}

TEST_F(PivCard, CostsNothingWhileNobodyUsesIt) {
    CardWorkplace place;
    place.start();
    ASSERT_TRUE(place.agent().unlock(InsertedCard::pin));
    EXPECT_EQ(outcome(place.sign("9a")), "good");
    place.card().new_apdus();
    EXPECT_TRUE(comes_to_rest(place.agent().process().pid()));
    EXPECT_TRUE(place.card().new_apdus().empty());
}

TEST_F(PivCard, CostsNothingWherePcscdDoesNotRun) {
    CardWorkplace place;
    place.desk().pcscd().stop();
    place.start(0);
    EXPECT_TRUE(comes_to_rest(place.agent().process().pid()));
    EXPECT_THAT(place.agent().log(), Not(HasSubstr("warning")));
    EXPECT_EQ(place.signet({"tokens"}).output, "no token is present\n");
}

TEST_F(PivCard, TellsThatItWaitsForAFinger) {
    auto state = piv_card::new_card(12345678, {5, 4, 3});
    TestAuthority authority;
    const auto& key = piv_card::put_key(state, 0x9A, piv_card::KeyAlgorithm::p256);
    piv_card::put_certificate(state, 0x9A, authority.issue(key.get(), "card", "card@example.test"));
    state.keys.at(0x9A).touch_policy = piv_card::TouchPolicy::always;
    CardWorkplace place(state, {.settings = {"touch=awaited"}}, {});
    place.start();
    ASSERT_TRUE(place.agent().unlock(InsertedCard::pin));
    std::thread finger([&place] {
        EXPECT_TRUE(eventually([&place] { return place.card().wants_touch(); }));
        EXPECT_TRUE(eventually([&place] {
            return read_file(place.path("watch.log")).find("waits for a touch") != std::string::npos;
        }));
        place.card().touch();
    });
    BackgroundProcess watch({program("signet"), "watch"}, place.agent().variables(), place.path("watch.log"));
    const auto signed_mail =
        place.signet({"sign", "--from", "card@example.test"}, "Subject: x\r\n\r\nHello\r\n");
    finger.join();
    EXPECT_EQ(signed_mail.exit_status, 0) << signed_mail.error_output;
    EXPECT_THAT(signed_mail.error_output, HasSubstr("it waits for your finger"));
    watch.stop();
}

// git reads the standard error of the one, and mail programs run the other.
TEST_F(PivCard, TellsOfTheFingerBeforeGitAndMailProgramsToo) {
    auto state = piv_card::new_card(12345678, {5, 4, 3});
    TestAuthority authority;
    const auto& key = piv_card::put_key(state, 0x9A, piv_card::KeyAlgorithm::p256);
    piv_card::put_certificate(state, 0x9A, authority.issue(key.get(), "card", "card@example.test"));
    state.keys.at(0x9A).touch_policy = piv_card::TouchPolicy::always;
    CardWorkplace place(state, {.settings = {"touch=awaited"}}, {});
    place.start();
    ASSERT_TRUE(place.agent().unlock(InsertedCard::pin));
    std::filesystem::create_directories(place.path("signet"));
    write_file(place.path("signet/mail.toml"),
               "transport = [\"sh\", \"-c\", \"cat >sent\"]\n[[account]]\naddress = \"*\"\nsign = true\n"
               "encrypt = false\n");
    const auto touched = [&place](const std::string& command, const std::string& input) {
        std::thread finger([&place] {
            EXPECT_TRUE(eventually([&place] { return place.card().wants_touch(); }));
            EXPECT_TRUE(eventually([&place] {
                return read_file(place.path("said")).find("for your finger") != std::string::npos;
            }));
            place.card().touch();
        });
        write_file(place.path("said"), "");
        const auto result =
            place.run({"sh", "-c", "XDG_CONFIG_HOME='" + place.path("") + "' " + command + " 2>said"}, input);
        finger.join();
        EXPECT_EQ(result.exit_status, 0) << read_file(place.path("said"));
    };
    touched(program("signet-gpgsm") + " --status-fd=2 -bsau card@example.test", "text");
    touched(program("signet") + " sendmail bob@example.test", "From: card@example.test\r\n\r\nHello\r\n");
    EXPECT_THAT(read_file(place.path("sent")), HasSubstr("multipart/signed"));
}

TEST_F(PivCard, SaysThatNobodyTouchedIt) {
    auto state = piv_card::new_card(12345678, {5, 4, 3});
    piv_card::put_key(state, 0x9A, piv_card::KeyAlgorithm::p256);
    state.keys.at(0x9A).touch_policy = piv_card::TouchPolicy::always;
    CardWorkplace place(state, {.settings = {"touch=refused"}}, {});
    place.start();
    ASSERT_TRUE(place.agent().unlock(InsertedCard::pin));
    EXPECT_EQ(outcome(place.sign("9a")), "Timeout: nobody touched the card");
}

TEST_F(PivCard, IsUsedByProgramsThroughTheModule) {
    SIGNET_REQUIRE_PROGRAM("pkcs11-tool");
    if (!std::string_view(SIGNET_SANITIZE).empty()) {
        GTEST_SKIP() << "a sanitizer's module does not load into programs of others";
    }
    CardWorkplace place;
    place.start();
    ASSERT_TRUE(place.agent().unlock(InsertedCard::pin));
    write_file(place.path("data"), "to be signed");
    const auto pkcs11 = [&place](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"pkcs11-tool", "--module", pkcs11_module()});
        return place.run(arguments);
    };
    const auto made = pkcs11({"--sign", "--mechanism", "SHA256-RSA-PKCS", "--id", "9a", "--input-file",
                              "data", "--output-file", "signature"});
    EXPECT_EQ(made.exit_status, 0) << made.error_output << place.agent().log();
    EXPECT_EQ(read_file(place.path("signature")).size(), 256U);
}

TEST_F(PivCard, IsListedByProgramsWithoutACommandToIt) {
    SIGNET_REQUIRE_PROGRAM("p11tool");
    if (!std::string_view(SIGNET_SANITIZE).empty()) {
        GTEST_SKIP() << "a sanitizer's module does not load into programs of others";
    }
    CardWorkplace place;
    place.start();
    place.card().new_apdus();
    for (int round = 0; round < 3; ++round) {
        const auto listed =
            place.run({"p11tool", "--provider", pkcs11_module(), "--batch", "--list-all", "pkcs11:"});
        EXPECT_EQ(listed.exit_status, 0) << listed.error_output;
        EXPECT_THAT(listed.output, HasSubstr("Type: X.509 Certificate"));
        EXPECT_THAT(listed.output, HasSubstr("Type: Private key"));
        for (const LoggedApdu& apdu : place.card().new_apdus()) {
            ADD_FAILURE() << "round " << round << ": " << apdu.header;
        }
    }
}

TEST_F(PivCard, SignsEncryptsAndDecryptsMail) {
    auto state = piv_card::new_card(12345678, {5, 4, 3});
    TestAuthority authority;
    for (const auto& [slot, usage] : {std::pair{std::uint8_t{0x9C}, CertificateUsage::sign},
                                      {std::uint8_t{0x9D}, CertificateUsage::encrypt}}) {
        const auto& key = piv_card::put_key(state, slot, piv_card::KeyAlgorithm::rsa_2048);
        piv_card::put_certificate(state, slot,
                                  authority.issue(key.get(), "alice", "alice@example.test", usage));
    }
    CardWorkplace place(state, {}, {});
    write_file(place.path("root.pem"), to_pem(authority.certificate()));
    place.start();
    ASSERT_TRUE(place.agent().unlock(InsertedCard::pin));
    place.agent().answer_prompts({InsertedCard::pin});
    const std::string mail =
        "From: alice@example.test\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain\r\n\r\nHello\r\n";
    const auto signed_mail = place.signet({"sign"}, mail);
    ASSERT_EQ(signed_mail.exit_status, 0) << signed_mail.error_output << place.agent().log();
    const auto verified = place.signet({"verify", "--ca", "root.pem"}, signed_mail.output);
    EXPECT_EQ(verified.exit_status, 0) << verified.output << verified.error_output;
    const auto encrypted = place.signet({"encrypt", "--to", "alice@example.test"}, mail);
    ASSERT_EQ(encrypted.exit_status, 0) << encrypted.error_output;
    const auto decrypted = place.signet({"decrypt"}, encrypted.output);
    EXPECT_EQ(decrypted.exit_status, 0) << decrypted.error_output << place.agent().log();
    EXPECT_THAT(decrypted.output, HasSubstr("Hello"));
    const std::string label = place.token().label;
    place.card().remove();
    ASSERT_TRUE(place.comes_to_list(0));
    const auto absent = place.signet({"decrypt"}, encrypted.output);
    EXPECT_EQ(absent.exit_status, 1);
    EXPECT_THAT(absent.error_output,
                HasSubstr("insert the token with the key, and run the command again:\n"));
    EXPECT_THAT(absent.error_output, HasSubstr("alice@example.test  token " + label));
}

}  // namespace
}  // namespace signet::test
