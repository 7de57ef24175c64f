// signet sendmail, before a transport that keeps what it gets.
#include "tests/e2e/sendmail_fixture.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sysexits.h>

namespace signet::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* others_in_clear = "[[account]]\naddress = \"*\"\nsign = false\nencrypt = false\n";

class Sendmail : public SendmailFixture {
  protected:
    void SetUp() override {
        SendmailFixture::SetUp();
        // Keeps each mail, and its arguments; fails for those whom "refused" names.
        write_file(m_home / "transport",
                   "cd '" + m_home.path().string() +
                       "' || exit 75\n"
                       "n=$(ls | grep -c '^mail-')\n"
                       "cat >mail-$n; echo \"$@\" >arguments-$n\n"
                       "if [ -s refused ]; then case \"$*\" in *\"$(cat refused)\"*) exit 75;; esac; fi\n");
    }
    void settings(const std::string& account, const std::string& further = {}) const {
        SendmailFixture::settings("[\"sh\", \"" + (m_home / "transport").string() + "\"]", account, further);
    }
    std::string handed_on(int number) { return read_file(m_home / ("mail-" + std::to_string(number))); }
    std::string arguments(int number) { return read_file(m_home / ("arguments-" + std::to_string(number))); }
    bool anything_sent() { return std::filesystem::exists(m_home / "mail-0"); }
};

TEST_F(Sendmail, SignsAndTakesBccAway) {
    settings("sign = true\nencrypt = false\n");
    const auto result = sendmail({"-t", "-oi", "-f", "bounces@example.test"}, mail_to_bob_and_hidden_carol);
    EXPECT_EQ(result.exit_status, EX_OK) << result.error_output;
    EXPECT_EQ(arguments(0), "-i -f bounces@example.test -- bob@example.test carol@example.test\n");
    EXPECT_THAT(handed_on(0), AllOf(HasSubstr("multipart/signed"), Not(HasSubstr("carol"))));
    EXPECT_EQ(s_place->run({"openssl", "cms", "-verify", "-CAfile", "root.pem"}, handed_on(0)).exit_status,
              0);
}

TEST_F(Sendmail, EncryptsForHiddenRecipientsOneByOne) {
    settings("sign = true\nencrypt = true\nprotect_headers = true\n");
    int number = 0;
    for (const char* author : {"alice", "erin"}) {
        const auto result = sendmail({"-t", "-i"}, mail_of(author));
        EXPECT_EQ(result.exit_status, EX_OK) << result.error_output;
        const int open = number++;
        const int hidden = number++;
        EXPECT_EQ(arguments(open), "-i -- bob@example.test\n");
        EXPECT_EQ(arguments(hidden), "-i -- carol@example.test\n");
        for (const int either : {open, hidden}) {
            EXPECT_THAT(handed_on(either),
                        AllOf(Not(HasSubstr("secret")), Not(HasSubstr("Plans")), Not(HasSubstr("carol"))));
        }
        EXPECT_EQ(decrypt(handed_on(open), "bob").exit_status, 0);
        EXPECT_NE(decrypt(handed_on(open), "carol").exit_status, 0);
        EXPECT_EQ(decrypt(handed_on(hidden), "carol").exit_status, 0);
        EXPECT_THAT(s_place->signet_output({"decrypt"}, handed_on(open)), HasSubstr("The secret plan."));
    }
}

TEST_F(Sendmail, TreatsArgumentsThatToAndCcDoNotNameAsHidden) {
    settings("sign = false\nencrypt = true\n");
    const auto result = sendmail({"-i", "--", "bob@example.test", "carol@example.test"},
                                 "From: alice@example.test\nTo: bob@example.test\n\nThe secret plan.\n");
    EXPECT_EQ(result.exit_status, EX_OK) << result.error_output;
    EXPECT_EQ(arguments(1), "-i -- carol@example.test\n");
}

TEST_F(Sendmail, SendsNothingWhenOneRecipientHasNoCertificate) {
    settings("sign = false\nencrypt = true\n");
    const auto result = sendmail({"-t", "-i", "dave@example.test"}, mail_to_bob_and_hidden_carol);
    EXPECT_EQ(result.exit_status, EX_NOUSER);
    EXPECT_THAT(result.error_output, AllOf(HasSubstr("no certificate to encrypt with for dave@example.test"),
                                           HasSubstr("the mail was not handed on")));
    EXPECT_FALSE(anything_sent());
}

TEST_F(Sendmail, SendsNothingWithoutAnAgentToSignWith) {
    settings("sign = true\nencrypt = false\n");
    const auto result = s_place->signet({"sendmail", "-t"}, mail_to_bob_and_hidden_carol,
                                        {{"XDG_CONFIG_HOME", m_home.path()}, {"SIGNET_SOCKET", "/nowhere"}});
    EXPECT_EQ(result.exit_status, EX_TEMPFAIL) << result.error_output;
    EXPECT_FALSE(anything_sent());
}

TEST_F(Sendmail, SendsNothingForASenderThatNobodySpokeOf) {
    settings("sign = false\nencrypt = false\n");
    const auto result = sendmail({"bob@example.test"}, "From: mallory@example.test\n\nText\n");
    EXPECT_EQ(result.exit_status, EX_CONFIG);
    EXPECT_FALSE(anything_sent());
}

TEST_F(Sendmail, RefusesWhatIsNoSubmission) {
    settings("sign = false\nencrypt = false\n");
    for (const char* argument : {"-bs", "-bp", "-bd", "-q", "-x", "-f"}) {
        EXPECT_EQ(sendmail({argument}, "From: alice@example.test\n\nText\n").exit_status, EX_USAGE)
            << argument;
    }
    EXPECT_EQ(sendmail({"bob@example.test"}, "no header at all").exit_status, EX_DATAERR);
    EXPECT_EQ(sendmail({"-t"}, "From: alice@example.test\n\nText\n").exit_status, EX_NOUSER);
    EXPECT_FALSE(anything_sent());
}

// As cron, bsd-mailx and mutt without use_from send.
TEST_F(Sendmail, LeavesFromToTheTransportOfAMailInClear) {
    settings("sign = true\nencrypt = true\n", others_in_clear);
    const std::string without_from = "To: bob@example.test\nSubject: hi\n\nText\n";
    EXPECT_EQ(sendmail({"-i", "bob@example.test"}, without_from).exit_status, EX_OK);
    EXPECT_EQ(handed_on(0), without_from);
    const std::string of_cron = "From: root (Cron Daemon)\nTo: root\nSubject: job\n\nText\n";
    EXPECT_EQ(sendmail({"-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root"}, of_cron).exit_status, EX_OK);
    EXPECT_EQ(handed_on(1), of_cron);
    EXPECT_EQ(arguments(1), "-i -F CronDaemon -- root\n");
}

TEST_F(Sendmail, WritesTheFromOfAMailThatItProtects) {
    settings("sign = true\nencrypt = true\n");
    const auto result = sendmail({"-f", "alice@example.test", "-F", "Alice", "bob@example.test"},
                                 "To: bob@example.test\n\nThe secret plan.\n");
    EXPECT_EQ(result.exit_status, EX_OK) << result.error_output;
    EXPECT_THAT(handed_on(0),
                AllOf(HasSubstr("From: \"Alice\" <alice@example.test>"), Not(HasSubstr("secret"))));
}

TEST_F(Sendmail, TakesWhatMuttSendsWithoutFrom) {
    settings("sign = true\nencrypt = true\n", others_in_clear);
    for (const char* mutt : {"mutt", "neomutt"}) {
        SIGNET_REQUIRE_PROGRAM(mutt);
        const auto settings_file = m_home / "muttrc";
        write_file(settings_file, "set use_from=no\nset copy=no\nset sendmail=\"" + program("signet") +
                                      " sendmail -oem -oi\"\n");
        const auto result =
            s_place->run({mutt, "-n", "-F", settings_file, "-s", "hi", "--", "bob@example.test"}, "Text\n",
                         {{"XDG_CONFIG_HOME", m_home.path()}, {"HOME", m_home.path()}});
        EXPECT_EQ(result.exit_status, 0) << mutt << result.output << result.error_output;
    }
    for (const int number : {0, 1}) {
        EXPECT_THAT(handed_on(number), AllOf(HasSubstr("Subject: hi"), Not(HasSubstr("From:"))));
    }
}

TEST_F(Sendmail, TakesWhatMailxSends) {
    SIGNET_REQUIRE_PROGRAM("bsd-mailx");
    SIGNET_REQUIRE_PROGRAM("s-nail");
    settings("sign = true\nencrypt = true\n", others_in_clear);
    const std::string command = m_home / "sendmail";
    write_file(command, "#!/bin/sh\nexec '" + program("signet") + "' sendmail \"$@\"\n");
    std::filesystem::permissions(command, std::filesystem::perms::owner_all);
    write_file(m_home / "mailrc", "set sendmail=" + command + "\n");
    const Variables variables{{"XDG_CONFIG_HOME", m_home.path()},
                              {"HOME", m_home.path()},
                              {"MAILRC", m_home / "mailrc"},
                              {"LC_ALL", "C.UTF-8"}};
    const std::string text = "Grüße\n.\nThe secret plan.\n";
    int number = 0;
    for (std::vector<std::string> mailx : {std::vector<std::string>{"bsd-mailx", "-n"},
                                           {"s-nail", "-:/", "-Ssendwait", "-Smta=file://" + command}}) {
        mailx.insert(mailx.end(), {"-s", "hi", "-r", "alice@example.test"});
        auto refused = mailx;
        mailx.insert(mailx.end(), {"-b", "carol@example.test", "bob@example.test"});
        const auto sent = s_place->run(mailx, text, variables);
        EXPECT_EQ(sent.exit_status, 0) << sent.error_output;
        const auto bobs = decrypt(handed_on(number++), "bob");
        EXPECT_THAT(bobs.output, HasSubstr("multipart/signed"));
        const auto carols = handed_on(number++);
        EXPECT_EQ(decrypt(carols, "carol").exit_status, 0);
        EXPECT_THAT(carols, AllOf(Not(HasSubstr("carol")), Not(HasSubstr("secret"))));
        refused.emplace_back("dave@example.test");
        EXPECT_NE(s_place->run(refused, text, variables).exit_status, 0) << mailx[0];
    }
    EXPECT_FALSE(std::filesystem::exists(m_home / ("mail-" + std::to_string(number))));
}

TEST_F(Sendmail, SaysWhereARecipientsCertificateShouldBe) {
    settings("sign = false\nencrypt = true\n");
    const auto unknown = sendmail({"dave@example.test"}, mail_to_bob_and_hidden_carol);
    EXPECT_THAT(unknown.error_output, AllOf(HasSubstr("mail.toml"), Not(HasSubstr("--cert"))));
    std::filesystem::remove_all(m_home / "people");
    const auto missing = sendmail({"-t"}, mail_to_bob_and_hidden_carol);
    EXPECT_EQ(missing.exit_status, EX_CONFIG);
    EXPECT_THAT(missing.error_output, HasSubstr("people"));
}

TEST_F(Sendmail, LeavesOutWhatIsNoCertificateInAFolder) {
    settings("sign = false\nencrypt = true\n");
    write_file(m_home / "people/readme.pem", "Certificates of all of us.\n");
    write_file(m_home / "people/torn.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    std::filesystem::create_symlink("gone", m_home / "people/link.pem");
    std::filesystem::create_directory(m_home / "people/more.pem");
    ASSERT_EQ(mkfifo((m_home / "people/pipe.pem").c_str(), 0600), 0);
    const auto result = sendmail({"-t"}, mail_to_bob_and_hidden_carol);
    EXPECT_EQ(result.exit_status, EX_OK) << result.error_output;
    EXPECT_EQ(decrypt(handed_on(1), "carol").exit_status, 0);
    EXPECT_THAT(result.error_output,
                AllOf(HasSubstr("readme.pem: no certificate in PEM or DER; left out"),
                      HasSubstr("torn.pem: no certificate in PEM or DER; left out"),
                      HasSubstr("link.pem: no file; left out"), HasSubstr("more.pem: no file; left out"),
                      HasSubstr("pipe.pem: no file; left out"), Not(HasSubstr("bob"))));
}

TEST_F(Sendmail, WantsEachFileThatIsNamed) {
    write_file(m_home / "signet/readme.pem", "Certificates of all of us.\n");
    write_file(m_home / "signet/mail.toml",
               "certificates = [\"../people\", \"readme.pem\"]\n[[account]]\n"
               "address = \"alice@example.test\"\nsign = false\nencrypt = true\n");
    const auto result = sendmail({"-t"}, mail_to_bob_and_hidden_carol);
    EXPECT_EQ(result.exit_status, EX_CONFIG);
    EXPECT_THAT(result.error_output,
                AllOf(HasSubstr("readme.pem: no certificate in PEM or DER"), Not(HasSubstr("error:"))));
    EXPECT_FALSE(anything_sent());
}

TEST_F(Sendmail, EndsWhenItsTransportLeadsBackToIt) {
    SendmailFixture::settings("[\"" + program("signet") + "\", \"sendmail\"]",
                              "sign = false\nencrypt = false\n");
    const auto result = sendmail({"-t"}, mail_to_bob_and_hidden_carol);
    EXPECT_EQ(result.exit_status, EX_CONFIG);
    EXPECT_THAT(result.error_output, HasSubstr("leads back to signet sendmail"));
    EXPECT_FALSE(anything_sent());
}

TEST_F(Sendmail, SaysThatItsSettingsAreWrong) {
    const auto expect_wrong_setting = [this](const std::string& what) {
        const auto result = sendmail({"-t"}, mail_to_bob_and_hidden_carol);
        EXPECT_EQ(result.exit_status, EX_CONFIG) << what;
        EXPECT_THAT(result.error_output, AllOf(HasSubstr("mail.toml"), HasSubstr(what)));
    };
    settings("sign = true\nencrypt = false\nkey = \"nokey\"\n");
    expect_wrong_setting("nokey");
    settings("sign = true\nencrypt = false\ncertificate_chain = \"none.pem\"\n");
    expect_wrong_setting("none.pem");
    write_file(m_home / "text", "not a program\n");
    for (const auto& transport :
         std::vector<std::string>{"/nope", "~/transport", "no-such-program", m_home / "text"}) {
        SendmailFixture::settings("[\"" + transport + "\"]", "sign = false\nencrypt = true\n");
        expect_wrong_setting(transport);
    }
    EXPECT_FALSE(anything_sent());
}

TEST_F(Sendmail, SaysWhoDidNotGetIt) {
    settings("sign = false\nencrypt = true\n");
    write_file(m_home / "refused", "carol");
    const auto some = sendmail({"-t"}, mail_to_bob_and_hidden_carol);
    EXPECT_EQ(some.exit_status, EX_UNAVAILABLE);
    EXPECT_THAT(some.error_output,
                AllOf(HasSubstr("handed on for bob@example.test"),
                      HasSubstr("NOT handed on for carol@example.test; send it again to them alone")));
    write_file(m_home / "refused", "example");
    EXPECT_EQ(sendmail({"-t"}, mail_to_bob_and_hidden_carol).exit_status, EX_TEMPFAIL);
}

TEST_F(Sendmail, HandsOnNoPartOfAMailWhenItIsEnded) {
    SendmailFixture::settings("[\"sh\", \"slow-transport\"]", "sign = false\nencrypt = false\n");
    write_file(m_home / "slow-transport",
               "touch started\nwhile [ ! -e ended ]; do sleep 0.02; done\ncat >sent\n");
    write_file(m_home / "mail", mail_to_bob_and_hidden_carol + std::string(std::size_t{200} << 10, 'x'));
    // Whoever has the standard output is waited for, the transport too.
    const auto result = s_place->run(
        {"sh", "-c",
         "cd '" + m_home.path().string() + "' && { '" + program("signet") +
             "' sendmail -t <mail & } && while [ ! -e started ]; do sleep 0.02; done; kill $!; wait $!; "
             "echo $?; touch ended"},
        {}, {{"XDG_CONFIG_HOME", m_home.path()}});
    EXPECT_EQ(result.output, "143\n") << result.error_output;
    EXPECT_FALSE(std::filesystem::exists(m_home / "sent"));
}

TEST_F(Sendmail, PassesOnAsItIsWhatItsAccountSays) {
    settings("sign = false\nencrypt = false\n");
    const std::string mail = "From: alice@example.test\nTo: bob@example.test\n\n.\nFrom here on\n";
    EXPECT_EQ(sendmail({"-t"}, mail).exit_status, EX_OK);
    EXPECT_EQ(handed_on(0), mail);
}

TEST_F(Sendmail, TakesWhatGitSends) {
    SIGNET_REQUIRE(std::filesystem::exists("/usr/lib/git-core/git-send-email"), "git-email");
    settings("sign = true\nencrypt = false\n");
    const std::string script =
        "mkdir git && cd git && git init -q . && git config user.name Alice && "
        "git config user.email alice@example.test && git commit -q --allow-empty -m one && echo text >file "
        "&& "
        "git add file && git commit -q -m two && for from in alice erin; do "
        "git send-email --confirm=never --quiet --to=bob@example.test --from=$from@example.test "
        "--sendmail-cmd='" +
        program("signet") + " sendmail -i' -1; done";
    const auto result = s_place->run({"sh", "-c", "cd '" + m_home.path().string() + "' && " + script}, {},
                                     {{"XDG_CONFIG_HOME", m_home.path()}, {"HOME", m_home.path()}});
    EXPECT_EQ(result.exit_status, 0) << result.output << result.error_output;
    for (const int number : {0, 1}) {
        const auto verified =
            s_place->run({"openssl", "cms", "-verify", "-CAfile", "root.pem"}, handed_on(number));
        EXPECT_EQ(verified.exit_status, 0) << verified.error_output;
    }
    EXPECT_THAT(handed_on(1), HasSubstr("From: erin@example.test"));
}

}  // namespace
}  // namespace signet::test
