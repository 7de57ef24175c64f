// signet sendmail before the transports that people have: msmtp and Postfix's sendmail, with an SMTP server
// behind them.
#include "tests/e2e/sendmail_fixture.h"
#include "tests/support/postfix.h"
#include "tests/support/requirements.h"
#include "tests/support/smtp_sink.h"

#include <gmock/gmock.h>
#include <sysexits.h>

#include <csignal>

namespace signet::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string secret = "The secret plan.";

class Transports : public SendmailFixture {
  protected:
    void transport(const std::string& command) const {
        settings("[" + command + "]", "sign = true\nencrypt = true\nprotect_headers = true\n");
    }
    [[nodiscard]] ProcessResult send(const std::vector<std::string>& further = {},
                                     const std::string& author = "alice") const {
        std::vector<std::string> arguments{"-t", "-i", "-f", author + "@example.test"};
        arguments.insert(arguments.end(), further.begin(), further.end());
        return sendmail(arguments, mail_of(author));
    }
    // The plaintext, when that person's key opens the mail and Alice has signed it.
    static std::string opened(const SunkMail& mail, const std::string& who) {
        const auto decrypted = decrypt(mail.text, who);
        return s_place->run({"openssl", "cms", "-verify", "-CAfile", "root.pem"}, decrypted.output).output;
    }
    // The mail that came for that person, which nobody else can read.
    void expect_mail_for(const std::string& who, const std::string& other,
                         const std::string& author = "alice") const {
        const auto mails = m_sink.mails();
        const auto mail =
            std::find_if(mails.begin(), mails.end(), [&who, &author](const SunkMail& candidate) {
                return candidate.sender == author + "@example.test" &&
                       candidate.recipients == std::vector{who + "@example.test"};
            });
        ASSERT_NE(mail, mails.end()) << m_sink.everything();
        EXPECT_THAT(mail->text, Not(HasSubstr("Bcc:")));
        EXPECT_THAT(mail->text, Not(HasSubstr("carol")));
        EXPECT_THAT(opened(*mail, who), HasSubstr(secret));
        EXPECT_EQ(opened(*mail, other), "");
    }
    void expect_nothing_in_clear() const {
        EXPECT_THAT(m_sink.everything(), AllOf(Not(HasSubstr(secret)), Not(HasSubstr("Plans"))));
    }
    // A signature waits for a PIN while the agent is killed.
    ProcessResult send_while_the_agent_dies() const {
        auto& agent = s_place->agent();
        EXPECT_TRUE(agent.lock());
        agent.answer_prompts({"wait"});
        const int before = agent.prompts();
        std::thread killer([&agent, before] {
            EXPECT_TRUE(eventually([&agent, before] { return agent.prompts() > before; }));
            agent.process().signal(SIGKILL);
        });
        auto result = send();
        killer.join();
        EXPECT_EQ(agent.process().wait(std::chrono::seconds(10)), 128 + SIGKILL);
        agent.answer_prompts({});
        s_place->start();
        return result;
    }

    SmtpSink m_sink;
};

class Msmtp : public Transports {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("msmtp");
        Transports::SetUp();
        const auto file = m_home / "msmtprc";
        write_file(file, "account default\nhost 127.0.0.1\nport " + std::to_string(m_sink.port()) +
                             "\nfrom alice@example.test\nauth off\ntls off\ntimeout 10\n");
        transport("\"msmtp\", \"-C\", \"" + file.string() + "\"");
    }
};

TEST_F(Msmtp, SendsEachHiddenRecipientAMailOfTheirOwn) {
    for (const char* author : {"alice", "erin"}) {
        const auto result = send({"-F", "Anybody"}, author);
        EXPECT_EQ(result.exit_status, EX_OK) << result.error_output;
        expect_mail_for("bob", "carol", author);
        expect_mail_for("carol", "bob", author);
    }
    EXPECT_EQ(m_sink.mails().size(), 4);
    expect_nothing_in_clear();
}

TEST_F(Msmtp, SendsNothingWhenACertificateIsMissing) {
    const auto result = send({"dave@example.test"});
    EXPECT_EQ(result.exit_status, EX_NOUSER) << result.error_output;
    EXPECT_EQ(m_sink.everything(), "");
}

TEST_F(Msmtp, SendsNothingWhenTheAgentDiesWhileItSigns) {
    const auto result = send_while_the_agent_dies();
    EXPECT_EQ(result.exit_status, EX_TEMPFAIL) << result.error_output;
    EXPECT_THAT(result.error_output, HasSubstr("the mail was not handed on"));
    EXPECT_EQ(m_sink.everything(), "");
}

TEST_F(Msmtp, GivesItsStatusWhenNobodyIsServed) {
    m_sink.refuse("bob@example.test");
    m_sink.refuse("carol@example.test");
    const auto result = send();
    EXPECT_EQ(result.exit_status, EX_DATAERR) << result.error_output;
    EXPECT_THAT(result.error_output, AllOf(HasSubstr("550"), HasSubstr("the mail was not handed on")));
    EXPECT_THAT(m_sink.mails(), ElementsAre());
}

TEST_F(Msmtp, NamesWhoWasRefused) {
    m_sink.refuse("carol@example.test");
    const auto result = send();
    EXPECT_EQ(result.exit_status, EX_UNAVAILABLE);
    EXPECT_THAT(result.error_output, HasSubstr("NOT handed on for carol@example.test"));
    expect_mail_for("bob", "carol");
}

TEST_F(Msmtp, LeavesNothingInClearWithAServerThatHangsUp) {
    m_sink.hang_up_on_mails();
    const auto result = send();
    EXPECT_EQ(result.exit_status, EX_PROTOCOL) << result.error_output;
    EXPECT_THAT(m_sink.mails(), ElementsAre());
    expect_nothing_in_clear();
}

TEST_F(Msmtp, FailsForTheTimeBeingWithoutAServer) {
    m_sink.stop();
    const auto result = send();
    EXPECT_EQ(result.exit_status, EX_TEMPFAIL) << result.error_output;
}

// As root, since Postfix runs only so.
class PostfixSendmail : public Transports {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(Postfix::available(), "postfix, and to be root");
        Transports::SetUp();
        m_postfix = std::make_unique<Postfix>(m_sink.port());
        transport("\"/usr/sbin/sendmail\", \"-C\", \"" + m_postfix->settings() + "\"");
    }

    std::unique_ptr<Postfix> m_postfix;
};

TEST_F(PostfixSendmail, SendsEachHiddenRecipientAMailOfTheirOwn) {
    m_postfix->start();
    for (const char* author : {"alice", "erin"}) {
        const auto result = send({"-F", "Anybody"}, author);
        EXPECT_EQ(result.exit_status, EX_OK) << result.error_output;
    }
    ASSERT_TRUE(eventually([this] { return m_sink.mails().size() == 4; }, std::chrono::seconds(30)))
        << m_postfix->log();
    for (const char* author : {"alice", "erin"}) {
        expect_mail_for("bob", "carol", author);
        expect_mail_for("carol", "bob", author);
    }
    expect_nothing_in_clear();
}

TEST_F(PostfixSendmail, QueuesOnlyCiphertextWhileItDoesNotRun) {
    const auto result = send();
    EXPECT_EQ(result.exit_status, EX_OK) << result.error_output;
    EXPECT_THAT(m_postfix->queued(), AllOf(HasSubstr("application/pkcs7-mime"), HasSubstr("bob@example.test"),
                                           Not(HasSubstr(secret)), Not(HasSubstr("Plans"))));
}

TEST_F(PostfixSendmail, QueuesNothingWhenACertificateIsMissing) {
    const auto result = send({"dave@example.test"});
    EXPECT_EQ(result.exit_status, EX_NOUSER) << result.error_output;
    EXPECT_EQ(m_postfix->queued(), "");
}

TEST_F(PostfixSendmail, QueuesNothingWhenTheAgentDiesWhileItSigns) {
    const auto result = send_while_the_agent_dies();
    EXPECT_EQ(result.exit_status, EX_TEMPFAIL) << result.error_output;
    EXPECT_EQ(m_postfix->queued(), "");
}

TEST_F(PostfixSendmail, GivesItsStatusWhenItTakesNothing) {
    m_postfix->add_setting("message_size_limit = 100");
    const auto too_large = send();
    EXPECT_EQ(too_large.exit_status, EX_TEMPFAIL) << too_large.error_output;
    EXPECT_THAT(too_large.error_output,
                AllOf(HasSubstr("message file too big"), HasSubstr("the mail was not handed on")));
    EXPECT_EQ(m_postfix->queued(), "");
}

}  // namespace
}  // namespace signet::test
