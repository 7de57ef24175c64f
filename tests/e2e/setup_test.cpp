// signet setup, as people run it, with the programs that it sets up.
#include "tests/e2e/workplace.h"
#include "tests/setup/person.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <fstream>

namespace signet::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Setup : public testing::Test {
  protected:
    Setup() {
        m_variables = {{"HOME", home().string()},
                       {"XDG_CONFIG_HOME", ""},
                       {"XDG_DATA_HOME", ""},
                       {"XDG_STATE_HOME", ""},
                       {"GNUPGHOME", ""},
                       {"GIT_CONFIG_NOSYSTEM", "1"},
                       {"SIGNET_MODULE", pkcs11_module()}};
        // With what people have there.
        person.write_home(".gitconfig",
                          "[user]\n\tname = Rita\n\temail = rsa@example.test\n[gpg]\n\tformat = openpgp\n");
        person.write_home(".gnupg/gpg-agent.conf", "verbose\n");
        person.write_home(".muttrc", "set from = rsa@example.test\n");
    }
    [[nodiscard]] fs::path home() const { return person.home(); }
    ProcessResult command(const std::vector<std::string>& arguments, const Variables& further = {}) {
        Variables variables = m_variables;
        variables.insert(further.begin(), further.end());
        return run(arguments, {.input = {}, .variables = variables, .working_directory = home()});
    }
    ProcessResult setup(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {program("signet"), "setup"});
        return command(arguments);
    }
    std::string expect_success(const ProcessResult& result) {
        EXPECT_EQ(result.exit_status, 0) << result.output << result.error_output;
        return result.output;
    }

    Person person;

  private:
    Variables m_variables;
};

TEST_F(Setup, ChangesNothingUnlessSomebodySaysYes) {
    SIGNET_REQUIRE_PROGRAM("git");
    const auto before = person.snapshot();
    const auto unasked = setup({"git"});
    EXPECT_EQ(unasked.exit_status, 2);
    EXPECT_THAT(unasked.output, AllOf(HasSubstr("change "), HasSubstr("+"), HasSubstr("format = x509")));
    EXPECT_THAT(unasked.error_output, HasSubstr("nothing was changed: say --yes"));
    EXPECT_THAT(expect_success(setup({"git", "--dry-run"})), HasSubstr("format = x509"));
    EXPECT_THAT(expect_success(setup({"git", "--dry-run", "--json"})),
                AllOf(HasSubstr(R"("action":"change")"), HasSubstr(R"("done":false)")));
    EXPECT_EQ(person.snapshot(), before);
}

TEST_F(Setup, AsksOnATerminal) {
    SIGNET_REQUIRE_PROGRAM("script");
    const auto before = person.snapshot();
    const auto with_answer = [this](const std::string& answer) {
        return command(
            {"sh", "-c",
             "printf '" + answer + "\\n' | script -qec '" + program("signet") + " setup ssh' /dev/null"});
    };
    const auto no = with_answer("n");
    EXPECT_THAT(no.output, AllOf(HasSubstr("Do it? [y/N]"), HasSubstr("nothing was changed")));
    EXPECT_EQ(person.snapshot(), before);
    EXPECT_THAT(with_answer("y").output, HasSubstr("ssh is set up; to undo it: signet setup ssh --undo"));
    EXPECT_NE(person.snapshot(), before);
}

TEST_F(Setup, ListsTheProgramsAndHowFarTheyAre) {
    SIGNET_REQUIRE_PROGRAM("ssh");
    EXPECT_THAT(expect_success(setup({})), testing::ContainsRegex("ssh +installed +not set up"));
    expect_success(setup({"ssh", "--yes"}));
    EXPECT_THAT(expect_success(setup({})), testing::ContainsRegex("ssh +installed +set up"));
    EXPECT_THAT(
        expect_success(setup({"--json"})),
        HasSubstr(R"({"client":"ssh","system":false,"installed":true,"state":"set_up","detail":""})"));
}

TEST_F(Setup, IsUndoneWithoutATrace) {
    SIGNET_REQUIRE_PROGRAM("git");
    SIGNET_REQUIRE_PROGRAM("gnupg-pkcs11-scd");
    for (const std::string client : {"git", "gpgsm", "mutt", "ssh", "openssl", "p11-kit"}) {
        const auto before = person.snapshot();
        expect_success(setup({client, "--yes"}));
        const auto after = person.snapshot();
        EXPECT_NE(after, before) << client;
        EXPECT_THAT(expect_success(setup({client, "--yes"})), HasSubstr("is set up already"));
        EXPECT_EQ(person.snapshot(), after) << client;
        expect_success(setup({client, "--undo", "--yes"}));
        EXPECT_EQ(person.snapshot(), before) << client;
        EXPECT_THAT(expect_success(setup({client, "--undo", "--yes"})), HasSubstr("nothing to undo"));
    }
}

// Killed at each call that changes something in the file system, one after the other.
class InterruptedSetup : public Setup {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("strace");
        SIGNET_REQUIRE_PROGRAM("gnupg-pkcs11-scd");
        const auto tried = command({"strace", "-o", "/dev/null", "true"});
        if (tried.exit_status != 0) {
            GTEST_SKIP() << "no process can be traced here: " << tried.error_output;
        }
        fs::remove_all(home() / ".gnupg");
        m_before = person.snapshot();
    }
    // False when the command came to its end before the call with this number.
    bool killed_at(const std::string& call, int number, const std::vector<std::string>& arguments) {
        std::vector<std::string> traced{"strace",
                                        "-o",
                                        "/dev/null",
                                        "-e",
                                        "trace=" + call,
                                        "-e",
                                        "inject=" + call + ":signal=SIGKILL:when=" + std::to_string(number),
                                        program("signet"),
                                        "setup",
                                        "gpgsm",
                                        "--yes"};
        traced.insert(traced.end(), arguments.begin(), arguments.end());
        // LeakSanitizer traces its own process, which a traced one does not permit.
        const auto result = command(traced, {{"ASAN_OPTIONS", "detect_leaks=0"}});
        if (result.exit_status == 128 + SIGKILL) {
            return true;
        }
        expect_success(result);
        return false;
    }
    // Calls `after_kill` each time; how often that was.
    template <class AfterKill>
    int kill_everywhere(const std::vector<std::string>& arguments, AfterKill after_kill) {
        int kills = 0;
        for (const std::string call : {"mkdir", "fsync", "rename", "unlink", "rmdir"}) {
            for (int number = 1; killed_at(call, number, arguments); ++number, ++kills) {
                after_kill();
                EXPECT_EQ(person.snapshot(), m_before) << "killed at " << call << " " << number;
            }
            put_back();
        }
        return kills;
    }
    void do_it() { expect_success(setup({"gpgsm", "--yes"})); }
    void put_back() { expect_success(setup({"gpgsm", "--undo", "--yes"})); }

    std::map<std::string, std::string> m_before;
};

TEST_F(InterruptedSetup, IsUndoneFromEachPlace) {
    EXPECT_GT(kill_everywhere({}, [this] { put_back(); }), 20);
}

TEST_F(InterruptedSetup, IsFinishedFromEachPlace) {
    do_it();
    const auto whole = person.snapshot();
    put_back();
    const auto finish = [&] {
        do_it();
        EXPECT_EQ(person.snapshot(), whole);
        put_back();
    };
    EXPECT_GT(kill_everywhere({}, finish), 20);
}

TEST_F(InterruptedSetup, UndoesAgainWhatWasHalfUndone) {
    do_it();
    const auto undo_again = [this] {
        put_back();
        EXPECT_EQ(person.snapshot(), m_before);
        do_it();
    };
    int kills = 0;
    for (const std::string call : {"fsync", "rename", "unlink", "rmdir"}) {
        for (int number = 1; killed_at(call, number, {"--undo"}); ++number, ++kills) {
            undo_again();
        }
        EXPECT_EQ(person.snapshot(), m_before);
        do_it();
    }
    EXPECT_GT(kills, 8);
}

TEST_F(Setup, HasGitSignAndCheckCommits) {
    SIGNET_REQUIRE_PROGRAM("git");
    SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
    Workplace place;
    place.add_identity("rsa:2048", "01", "rsa@example.test");
    place.start();
    expect_success(setup({"git", "--yes"}));
    person.write_home(".config/signet/gpgsm.toml", "trusted = [\"" + place.path("root.pem") + "\"]\n");
    const auto git = [&](const std::vector<std::string>& arguments) {
        std::vector<std::string> whole{"git", "-C", home() / "repository"};
        whole.insert(whole.end(), arguments.begin(), arguments.end());
        const auto result = command(whole, place.agent().variables());
        EXPECT_EQ(result.exit_status, 0) << result.error_output << place.agent().log();
        return result.output + result.error_output;
    };
    fs::create_directory(home() / "repository");
    git({"init", "-q"});
    git({"commit", "-q", "--allow-empty", "-S", "-m", "A change"});
    EXPECT_THAT(git({"log", "-1", "--show-signature"}),
                AllOf(HasSubstr("good signature"), HasSubstr("CN=rsa")));
}

TEST_F(Setup, IsReadByMutt) {
    expect_success(setup({"mutt", "--yes"}));
    for (const std::string name : {"mutt", "neomutt"}) {
        SIGNET_REQUIRE_PROGRAM(name);
        const auto dump = command({name, "-D"});
        EXPECT_EQ(dump.exit_status, 0) << dump.error_output;
        EXPECT_THAT(dump.output, testing::ContainsRegex("smime_sign_command ?= ?\"signet sign --cms"))
            << name;
        EXPECT_THAT(dump.output, testing::ContainsRegex("from ?= ?\"rsa@example.test\"")) << name;
    }
}

class MuttSettings : public Setup, public testing::WithParamInterface<std::vector<std::string>> {};

TEST_P(MuttSettings, AreThoseThatTheProgramsRead) {
    fs::remove(home() / ".muttrc");
    for (const auto& file : GetParam()) {
        person.write_home(file, "");
    }
    expect_success(setup({"mutt", "--yes"}));
    for (const std::string name : {"mutt", "neomutt"}) {
        SIGNET_REQUIRE_PROGRAM(name);
        EXPECT_THAT(command({name, "-Q", "smime_sign_command"}).output, HasSubstr("signet sign --cms"))
            << name;
    }
}

INSTANTIATE_TEST_SUITE_P(Files, MuttSettings,
                         testing::Values(std::vector<std::string>{},
                                         std::vector<std::string>{".neomuttrc", ".neomutt/neomuttrc"},
                                         std::vector<std::string>{".neomutt/muttrc"},
                                         std::vector<std::string>{".muttrc", ".config/mutt/muttrc"},
                                         std::vector<std::string>{".mutt/neomuttrc", ".mutt/muttrc"},
                                         std::vector<std::string>{".config/mutt/neomuttrc", ".muttrc"},
                                         std::vector<std::string>{".config/neomutt/neomuttrc",
                                                                  ".config/neomutt/muttrc", ".muttrc"}),
                         [](const auto& files) {
                             std::string name;
                             for (const auto& file : files.param) {
                                 name += file;
                             }
                             std::replace_if(
                                 name.begin(), name.end(), [](char c) { return c == '.' || c == '/'; }, '_');
                             return name.empty() ? std::string("none") : name;
                         });

TEST_F(Setup, IsReadBySsh) {
    SIGNET_REQUIRE_PROGRAM("ssh");
    person.write_home(".ssh/config", "Host other\n    PKCS11Provider /other.so\n");
    expect_success(setup({"ssh", "--yes"}));
    const std::string file = home() / ".ssh/config";
    EXPECT_THAT(expect_success(command({"ssh", "-F", file, "-G", "host"})),
                HasSubstr("\npkcs11provider " + pkcs11_module() + "\n"));
    EXPECT_THAT(expect_success(command({"ssh", "-F", file, "-G", "other"})),
                HasSubstr("\npkcs11provider /other.so\n"));
}

TEST_F(Setup, IsReadByNss) {
    SIGNET_REQUIRE_PROGRAM("modutil");
    SIGNET_REQUIRE_PROGRAM("certutil");
    SIGNET_REQUIRE_PROGRAM("thunderbird");
    if (std::string(SIGNET_SANITIZE) != "") {
        GTEST_SKIP() << "a program of others cannot load a module with a sanitizer";
    }
    const auto profile = home() / ".thunderbird/a.default";
    person.write_home(".thunderbird/profiles.ini", "[Profile0]\nName=a\nIsRelative=1\nPath=a.default\n");
    fs::create_directory(profile);
    const std::string database = "sql:" + profile.string();
    expect_success(command({"certutil", "-N", "-d", database, "--empty-password"}));
    const auto before = person.snapshot();
    expect_success(setup({"thunderbird", "--yes"}));
    EXPECT_THAT(expect_success(command({"modutil", "-rawlist", "-dbdir", database})),
                HasSubstr("library=\"" + pkcs11_module() + "\" name=\"signet\""));
    fs::create_symlink("127.0.1.1:+" + std::to_string(getpid()), profile / "lock");
    const std::ifstream opened(profile / "pkcs11.txt");
    const auto refused = setup({"thunderbird", "--undo", "--yes"});
    EXPECT_EQ(refused.exit_status, 3);
    EXPECT_THAT(refused.error_output, HasSubstr("Thunderbird is running"));
    fs::remove(profile / "lock");
    expect_success(setup({"thunderbird", "--undo", "--yes"}));
    EXPECT_EQ(person.snapshot(), before);
}

// Nobody has a card here: tokens of SoftHSM.
TEST(DoctorOnATokenInFiles, FindsCertificatesThatAreOver) {
    SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
    Workplace place;
    place.agent().softhsm().generate_key(Workplace::token, "rsa:2048", "01", "key");
    place.add_certificate("01",
                          {.subject = "old", .email = "old@example.test", .first_day = -20, .last_day = -10});
    place.start();
    const auto result = place.signet({"doctor"});
    EXPECT_EQ(result.exit_status, 1) << result.error_output;
    EXPECT_THAT(result.output, HasSubstr("broken   certificate: tok: the certificate CN=old ended on "));
    EXPECT_EQ(place.agent().prompts(), 0);
}

TEST(DoctorOnATokenInFiles, FindsAModuleThatDoesNotWorkAndSettingsThatAreWrong) {
    SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
    Workplace place({.further_config = "[[pkcs11]]\nname = \"gone\"\nmodule = \"/nonexistent.so\"\n"});
    place.agent().start();
    place.write("wrong.toml", "[agent]\nunknown = 1\n");
    const auto result = place.signet({"doctor"}, {}, {{"SIGNET_CONFIG", place.path("wrong.toml")}});
    EXPECT_EQ(result.exit_status, 1) << result.error_output;
    EXPECT_THAT(result.output, AllOf(HasSubstr("broken   module: the module gone fails"),
                                     HasSubstr("wrong.toml:2: unknown key agent.unknown")));
}

TEST_F(Setup, IsCheckedByDoctorWithAllFilesOfSettings) {
    for (const std::string name : {"gpgsm.toml", "ssh.toml", "mail.toml"}) {
        person.write_home(".config/signet/" + name, "unknown = 1\n");
    }
    const auto result = command({program("signet"), "doctor"});
    EXPECT_EQ(result.exit_status, 1) << result.error_output;
    for (const std::string name : {"gpgsm.toml", "ssh.toml", "mail.toml"}) {
        EXPECT_THAT(result.output, HasSubstr(name + ":1: unknown key unknown"));
        EXPECT_THAT(result.output, HasSubstr("correct the file: signet-" + name + "(5)"));
        fs::remove(home() / ".config/signet" / name);
    }
    EXPECT_THAT(command({program("signet"), "doctor"}).output, Not(HasSubstr("correct the file")));
}

TEST_F(Setup, DoctorMissesWhatTheMailSettingsName) {
    const auto output_with = [this](const std::string& further) {
        person.write_home(
            ".config/signet/mail.toml",
            "transport = [\"cat\"]\ncertificates = [\"people\"]\n[[account]]\naddress = \"*\"\nsign = "
            "false\nencrypt = false\n" +
                further);
        return command({program("signet"), "doctor"}).output;
    };
    EXPECT_THAT(output_with(""), HasSubstr("/signet/people cannot be read"));
    fs::create_directories(home() / ".config/signet/people");
    EXPECT_THAT(output_with(""), Not(HasSubstr("correct the file")));
    EXPECT_THAT(output_with("transport = [\"/nope\"]\n"),
                AllOf(HasSubstr("the transport /nope cannot be run"), HasSubstr("signet-mail.toml(5)")));
    EXPECT_THAT(output_with("certificate_chain = \"chain.pem\"\n"),
                HasSubstr("/signet/chain.pem cannot be read"));
}

}  // namespace
}  // namespace signet::test
