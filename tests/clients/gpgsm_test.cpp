// gpgsm and gpg-agent with gnupg-pkcs11-scd: what KMail, Kleopatra and the other programs behind GPGME use.
#include "tests/clients/client_test.h"
#include "tests/e2e/terminal_session.h"
#include "tests/support/mail_peers.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::AllOf;
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

// GPGME before gpgsm, as in the mail programs that use it.
class NeomuttWithGpgme : public Gpgsm {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("neomutt");
        SIGNET_REQUIRE_PROGRAM("tmux");
        Gpgsm::SetUp();
        const std::string folder = m_files.path();
        write_file(m_files / "transport",
                   "cat >'" + folder + "/sending' && mv '" + folder + "/sending' '" + folder + "/sent'\n");
        write_file(m_files / "body", "From neomutt.\n");
        write_file(m_files / "muttrc",
                   "set crypt_use_gpgme=yes smime_is_default=yes crypt_autosmime=yes crypt_autopgp=no\n"
                   "set smime_default_key='rsa@example.test' smime_sign_as='rsa@example.test'\n"
                   "set from='rsa@example.test' use_from=yes mbox_type=mbox record='' copy=no\n"
                   "set folder='" +
                       folder + "' tmpdir='" + folder + "' spoolfile='" + folder +
                       "/inbox'\n"
                       "set sendmail='sh " +
                       folder +
                       "/transport' editor=true abort_unmodified=no\n"
                       "set fast_reply=yes wait_key=no sleep_time=0 quit=yes send_charset=utf-8\n");
    }
    std::unique_ptr<TerminalSession> start(const std::string& further, std::vector<std::string> arguments) {
        write_file(m_files / "muttrc", read_file(m_files / "muttrc") + further);
        Variables variables = agent().variables();
        variables["GNUPGHOME"] = m_home->path();
        variables["HOME"] = m_files.path();
        variables["LC_ALL"] = "C.UTF-8";
        arguments.insert(arguments.begin(), {"neomutt", "-n", "-F", file("muttrc")});
        return std::make_unique<TerminalSession>(m_files.path(), arguments, variables);
    }
    void expect_shown(const std::string& mail, const std::string& text) {
        std::string box = "From rsa@example.test Sun Nov 22 07:00:00 2026\n" + mail + "\n";
        std::erase(box, '\r');
        write_file(m_files / "inbox", box);
        const auto neomutt = start({}, {"-f", file("inbox")});
        EXPECT_TRUE(neomutt->shows("Msgs:1")) << neomutt->screen();
        neomutt->type("Enter");
        EXPECT_TRUE(neomutt->shows(text)) << neomutt->screen();
    }
};

TEST_F(NeomuttWithGpgme, DecryptsAndSignsWhatItThenCallsGood) {
    expect_shown(succeed({"openssl", "cms", "-encrypt", "-subject", "Secret", "-from", "bob@example.test",
                          "-to", "rsa@example.test", "-aes-128-cbc", "rsa.pem"},
                         "Content-Type: text/plain\n\nFor her eyes only.\n"),
                 "For her eyes only.");
    const auto neomutt =
        start("set crypt_autosign=yes\n", {"-s", "Signed", "-i", file("body"), "bob@example.test"});
    EXPECT_TRUE(eventually(
        [&] {
            const auto screen = neomutt->screen();
            if (screen.find("y:Send") != std::string::npos) {
                neomutt->type("y");
            }
            return std::filesystem::exists(m_files / "sent");
        },
        std::chrono::seconds(30)))
        << neomutt->screen();
    EXPECT_TRUE(neomutt->ends());
    const auto mail = read_file(m_files / "sent");
    EXPECT_THAT(mail, HasSubstr("multipart/signed"));
    expect_shown(mail, "Good signature");
}

// notmuch, by GMime and GPGME.
class Notmuch : public Gpgsm {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("notmuch");
        Gpgsm::SetUp();
        for (const std::string folder : {"cur", "new", "tmp"}) {
            std::filesystem::create_directories(m_files / ("mail/" + folder));
        }
        write_file(m_files / "config", "[database]\npath=" + file("mail") +
                                           "\n[user]\nname=RSA\nprimary_email=rsa@example.test\n");
    }
    std::string shown(const std::string& mail) {
        write_file(m_files / "mail/new/one", "Message-ID: <one@example.test>\n" + mail);
        notmuch({"new", "--quiet"});
        return notmuch({"show", "--decrypt=true", "--verify", "--format=json", "id:one@example.test"});
    }

  private:
    std::string notmuch(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "notmuch");
        return succeed(arguments, {}, {{"NOTMUCH_CONFIG", file("config")}, {"GNUPGHOME", m_home->path()}});
    }
};

TEST_F(Notmuch, ShowsWhatSignetEncrypts) {
    const auto mail = mail_from("rsa@example.test");
    EXPECT_THAT(shown(place().signet_output({"encrypt", "--to", "rsa@example.test"}, mail)),
                AllOf(HasSubstr("this is from a token"), HasSubstr(R"("decrypted": {"status": "full"})")));
}

TEST_F(Notmuch, FindsSignaturesOfSignetGood) {
    const auto mail = mail_from("rsa@example.test");
    EXPECT_THAT(shown(place().signet_output({"sign", "--from", "rsa@example.test"}, mail)),
                HasSubstr(R"("status": "good")"));
}

}  // namespace
}  // namespace signet::test
