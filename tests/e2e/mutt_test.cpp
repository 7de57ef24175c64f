// mutt and neomutt on a terminal, with docs/mutt/smime.rc.
#include "tests/e2e/terminal_session.h"
#include "tests/e2e/workplace.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Mutt : public testing::TestWithParam<const char*> {
  protected:
    static void SetUpTestSuite() {
        if (!SoftHsm::available()) {
            return;
        }
        s_place = std::make_unique<Workplace>();
        s_place->add_identity("rsa:2048", "01", "alice@example.test");
        s_place->add_identity("EC:prime256v1", "02", "ellen@example.test");
        s_place->add_peer("rsa:2048", "bob@example.test");
        s_place->start();
    }
    static void TearDownTestSuite() { s_place.reset(); }

    void SetUp() override {
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        SIGNET_REQUIRE_PROGRAM("tmux");
        SIGNET_REQUIRE_PROGRAM(GetParam());
        std::filesystem::create_directories(m_home / "certificates");
        std::filesystem::create_directories(m_home / "keys");
        write_file(m_home / "keys/.index", "");
        write_file(m_home / "certificates/.index",
                   "bob@example.test bob.pem bob ? t\nalice@example.test alice.pem alice ? t\n");
        for (const std::string name : {"bob.pem", "alice.pem"}) {
            write_file(m_home / "certificates" / name, s_place->read(name));
        }
        // Takes a mail as sendmail does.
        write_file(m_home / "transport", "cat > '" + m_home.path().string() + "/sending' && mv '" +
                                             m_home.path().string() + "/sending' '" + m_home.path().string() +
                                             "/sent'\n");
        write_file(m_home / "root.pem", s_place->read("root.pem"));
        write_file(m_home / "body", "A body with an umlaut: \xc3\xbc\n");
    }
    void write_settings(const std::string& further) {
        const std::string home = m_home.path();
        write_file(m_home / "muttrc",
                   "set from=\"Alice O'Hara <alice@example.test>\" use_from=yes\n"
                   "set smime_ca_location='~/root.pem'\n"
                   "set smime_certificates='" +
                       home + "/certificates' smime_keys='" + home +
                       "/keys'\n"
                       "set folder='" +
                       home + "' tmpdir='" + home + "' spoolfile='" + home +
                       "/inbox' mbox_type=mbox record='' copy=no\n"
                       "set sendmail='sh " +
                       home +
                       "/transport' editor=true abort_unmodified=no\n"
                       "set fast_reply=yes wait_key=no sleep_time=0 mark_old=no quit=yes send_charset=utf-8\n"
                       "source " SIGNET_SOURCE_DIR "/docs/mutt/smime.rc\n" +
                       further);
    }
    std::unique_ptr<TerminalSession> start(const std::vector<std::string>& arguments) {
        Variables variables = s_place->agent().variables();
        const std::string programs = std::filesystem::path(program("signet")).parent_path();
        variables["PATH"] = programs + ":" + std::getenv("PATH");
        variables["HOME"] = m_home.path();
        variables["LC_ALL"] = "C.UTF-8";
        std::vector<std::string> command{GetParam(), "-n", "-F", m_home / "muttrc"};
        command.insert(command.end(), arguments.begin(), arguments.end());
        return std::make_unique<TerminalSession>(m_home.path(), command, variables);
    }
    // What a person types at what stands there. The menu drops keys that come before it is drawn: only there
    // a key is given again.
    void answer(const TerminalSession& mutt) {
        const std::string screen = mutt.screen();
        const auto end = screen.find_last_not_of(" \n");
        if (end == std::string::npos) {
            return;
        }
        const auto begin = screen.rfind('\n', end);
        const std::string last = screen.substr(begin == std::string::npos ? 0 : begin + 1);
        const bool asked = last.starts_with("To: ") || last.starts_with("Subject: ") ||
                           last.starts_with("Cc: ") || last.find("passphrase:") != std::string::npos;
        if (asked && screen != m_answered) {
            mutt.type("Enter");
        } else if (!asked && screen.find("y:Send") != std::string::npos) {
            mutt.type("y");
        }
        m_answered = screen;
    }
    // The mail that leaves after a person wrote it.
    std::string send() {
        const auto mutt = start({"-s", "Subject", "-i", m_home / "body", "bob@example.test"});
        EXPECT_TRUE(eventually(
            [&] {
                answer(*mutt);
                return std::filesystem::exists(m_home / "sent");
            },
            std::chrono::seconds(30)))
            << mutt->screen();
        EXPECT_TRUE(mutt->ends());
        return read_file(m_home / "sent");
    }
    // The pager and the line of messages below it are drawn one after the other. A second answer to one
    // question would be a key of the pager, which replaces the message.
    void expect_shown(const std::string& mail, const testing::Matcher<std::string>& whole) {
        std::string box = "From alice@example.test Sun Nov 22 07:00:00 2026\n" + mail + "\n";
        box.erase(std::remove(box.begin(), box.end(), '\r'), box.end());
        write_file(m_home / "inbox", box);
        const auto mutt = start({"-f", m_home / "inbox"});
        EXPECT_TRUE(mutt->shows("Msgs:1")) << mutt->screen();
        mutt->type("Enter");
        EXPECT_TRUE(eventually(
            [&] {
                const auto screen = mutt->screen();
                if (screen.find("passphrase:") != std::string::npos && screen != m_answered) {
                    mutt->type("Enter");
                    m_answered = screen;
                }
                return whole.Matches(screen);
            },
            std::chrono::seconds(60)))
            << testing::DescribeMatcher<std::string>(whole) << "\n"
            << mutt->screen();
    }
    // What another program says of a signature.
    ProcessResult openssl_verify(const std::string& mail) {
        return s_place->run({"openssl", "cms", "-verify", "-CAfile", "root.pem"}, mail);
    }

    inline static std::unique_ptr<Workplace> s_place;
    TemporaryDirectory m_home;
    std::string m_answered;
};

TEST_P(Mutt, SignsAndReadsWhatItSigned) {
    write_settings("set crypt_autosign=yes\n");
    const auto mail = send();
    const auto verified = openssl_verify(mail);
    EXPECT_EQ(verified.exit_status, 0) << verified.error_output << mail;
    expect_shown(mail, AllOf(HasSubstr("signature successfully verified"), HasSubstr("umlaut: \xc3\xbc")));
}

TEST_P(Mutt, SignsAndEncryptsForBobAndForAlice) {
    write_settings("set crypt_autosign=yes crypt_autoencrypt=yes\n");
    const auto mail = send();
    EXPECT_THAT(mail, Not(HasSubstr("umlaut")));
    const auto opened = s_place->run({"openssl", "cms", "-decrypt", "-inkey", "bob.key"}, mail);
    EXPECT_EQ(openssl_verify(opened.output).exit_status, 0) << opened.error_output;
    expect_shown(mail, HasSubstr("umlaut: \xc3\xbc"));
}

TEST_P(Mutt, SignsAndReadsWithAnEcKey) {
    write_settings(
        "set from=ellen@example.test\nsetenv SIGNET_FROM \"$from\"\n"
        "set crypt_autosign=yes crypt_autoencrypt=yes\n");
    const auto mail = send();
    const auto opened = s_place->run({"openssl", "cms", "-decrypt", "-inkey", "bob.key"}, mail);
    EXPECT_EQ(openssl_verify(opened.output).exit_status, 0) << opened.error_output;
    expect_shown(mail, AllOf(HasSubstr("signature successfully verified"), HasSubstr("umlaut: \xc3\xbc")));
}

TEST_P(Mutt, TellsATamperedMail) {
    write_settings("");
    std::string mail = s_place->signet_output({"sign"}, mail_from("alice@example.test"));
    mail.replace(mail.find("Hello Bob"), 9, "Hello Eve");
    expect_shown(mail, AllOf(HasSubstr("could NOT be verified"), HasSubstr("Hello Eve")));
}

TEST_P(Mutt, ReadsAnOpaqueSignature) {
    write_settings("");
    const auto mail = s_place->signet_output({"sign", "--opaque"}, mail_from("alice@example.test"));
    expect_shown(mail, AllOf(HasSubstr("Hello Bob"), HasSubstr("S/MIME signature successfully verified")));
}

INSTANTIATE_TEST_SUITE_P(Programs, Mutt, testing::Values("mutt", "neomutt"),
                         [](const auto& program) { return std::string(program.param); });

}  // namespace
}  // namespace signet::test
