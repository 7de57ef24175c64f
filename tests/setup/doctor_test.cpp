#include "setup/doctor.h"

#include "setup/processes.h"
#include "tests/setup/person.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

namespace signet::test {
namespace {

namespace fs = std::filesystem;
using setup::Finding;
using setup::Findings;
using setup::Observation;
using setup::Verdict;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

testing::Matcher<const Finding&> is(Verdict verdict, const std::string& cause,
                                    const std::string& remedy = {}) {
    return AllOf(Field(&Finding::verdict, verdict), Field(&Finding::cause, HasSubstr(cause)),
                 Field(&Finding::remedy, remedy.empty() ? testing::Matcher<std::string>(testing::_)
                                                        : testing::Matcher<std::string>(HasSubstr(remedy))));
}

class Doctor : public testing::Test {
  protected:
    Doctor() {
        observation.agent.version = SIGNET_VERSION;
        observation.agent.inventory.tokens = {token};
        observation.readers = ipc::ReadersReply{.readers = {{.name = "Reader", .card_present = true}}};
        observation.today = "2026-11-22T00:00:00Z";
        observation.in_a_month = "2026-12-22T00:00:00Z";
        person.write("run/pcscd/pcscd.comm", "");
        person.write("usr/lib/udev/rules.d/70-signet.rules", "");
    }
    ipc::Token& the_token() { return observation.agent.inventory.tokens->front(); }
    // A process of this person.
    void add_process(int pid, const std::string& name, const std::string& mapped,
                     const std::string& opened = {}) const {
        const std::string folder = "proc/" + std::to_string(pid);
        person.write(folder + "/comm", name + "\n");
        person.write(folder + "/maps", "7f00-7f01 r-xp 00000000 08:01 1   " + mapped + "\n");
        if (!opened.empty()) {
            fs::create_directory(person.root() / folder / "fd");
            fs::create_symlink(opened, person.root() / folder / "fd/5");
        }
    }
    static ipc::Certificate certificate(const std::string& end) {
        return {.label = {}, .key = {}, .subject = "CN=alice", .not_before = {}, .not_after = end};
    }

    Person person;
    ipc::Token token{.id = "id",
                     .label = "Card",
                     .reader = "Reader",
                     .keys = {{}},
                     .certificates = {certificate("2027-11-22T00:00:00Z")},
                     .slot = 0};
    Observation observation;
};

TEST_F(Doctor, FindsNothingWhereNothingIsWrong) {
    EXPECT_THAT(diagnose(person.surroundings, observation),
                Each(Field(&Finding::verdict, testing::AnyOf(Verdict::ok, Verdict::skipped))));
}

TEST_F(Doctor, MissesTheUdevRules) {
    fs::remove(person.root() / "usr/lib/udev/rules.d/70-signet.rules");
    EXPECT_THAT(check_udev(person.surroundings),
                ElementsAre(is(Verdict::note, "70-signet.rules", "install")));
}

TEST_F(Doctor, MissesPcscdWhereNothingElseBringsTokens) {
    fs::remove(person.root() / "run/pcscd/pcscd.comm");
    EXPECT_THAT(check_pcscd(person.surroundings, observation),
                ElementsAre(is(Verdict::note, "pcscd does not run", "pcscd.socket")));
    observation.agent.inventory.tokens->clear();
    EXPECT_THAT(check_pcscd(person.surroundings, observation),
                ElementsAre(is(Verdict::broken, "pcscd does not run", "pcscd.socket")));
}

TEST_F(Doctor, DoesNotMissPcscdWhereNobodyNeedsIt) {
    fs::remove(person.root() / "run/pcscd/pcscd.comm");
    observation.agent.inventory.tokens->clear();
    const auto check = [this] { return check_pcscd(person.surroundings, observation); };
    person.write("etc/signet/signet.toml", "[piv]\nenabled = false\n");
    EXPECT_THAT(check(), ElementsAre(is(Verdict::note, "pcscd does not run")));
    person.write_home(".config/signet/signet.toml", "[agent]\n");
    EXPECT_THAT(check(), ElementsAre(is(Verdict::note, "pcscd does not run")));
    person.write_home(".config/signet/signet.toml", "[piv]\nenabled = true\n");
    EXPECT_THAT(check(), ElementsAre(is(Verdict::broken, "pcscd does not run")));
    observation.agent.failure = "it does not run";
    EXPECT_THAT(check(), ElementsAre(is(Verdict::note, "pcscd does not run")));
}

TEST_F(Doctor, LooksWhereAVariableSaysThatPcscdIs) {
    person.surroundings.variables["PCSCLITE_CSOCK_NAME"] = "/nonexistent/socket";
    EXPECT_THAT(check_pcscd(person.surroundings, observation),
                ElementsAre(is(Verdict::note, "/nonexistent/socket is not there")));
}

TEST_F(Doctor, TellsWhenPcscdRefuses) {
    observation.agent.inventory.tokens->clear();
    observation.readers->failure = "access denied";
    EXPECT_THAT(check_pcscd(person.surroundings, observation),
                ElementsAre(is(Verdict::broken, "access denied", "polkit")));
    EXPECT_THAT(check_readers(observation), ElementsAre(is(Verdict::skipped, "")));
}

TEST_F(Doctor, TellsOfReadersAndOfCardsThatNobodyDrives) {
    EXPECT_THAT(check_readers(observation), ElementsAre(is(Verdict::ok, "Reader: holds a card")));
    observation.readers->readers.push_back({.name = "Other", .card_present = true});
    observation.readers->readers.push_back({.name = "Empty", .card_present = false});
    EXPECT_THAT(
        check_readers(observation),
        ElementsAre(is(Verdict::ok, "Reader"), is(Verdict::ok, "Other"), is(Verdict::ok, "Empty: is empty"),
                    is(Verdict::note, "does not know the card in Other", "[[pkcs11]]")));
    observation.readers->readers.clear();
    EXPECT_THAT(check_readers(observation), ElementsAre(is(Verdict::note, "no reader")));
}

TEST_F(Doctor, NamesWhoHoldsACard) {
    add_process(4711, "scdaemon", "/usr/lib/x86_64-linux-gnu/libpcsclite.so.1.0.0");
    add_process(4712, "cat", "/usr/lib/x86_64-linux-gnu/libc.so.6");
    add_process(4713, "signet-token", "/usr/lib/x86_64-linux-gnu/libpcsclite.so.1.0.0");
    EXPECT_THAT(check_holders(person.surroundings, observation),
                ElementsAre(is(Verdict::note, "scdaemon (process 4711) uses cards itself, by pcscd",
                               "gpgconf --kill scdaemon")));
    observation.agent.inventory.tokens->clear();
    EXPECT_THAT(check_holders(person.surroundings, observation),
                ElementsAre(is(Verdict::broken, "scdaemon (process 4711)", "signet setup gpgsm")));
}

TEST_F(Doctor, KnowsWhoHasTheDeviceItself) {
    add_process(4711, "scdaemon", "/usr/lib/libusb-1.0.so.0", "/dev/bus/usb/001/004");
    EXPECT_THAT(check_holders(person.surroundings, observation),
                ElementsAre(is(Verdict::broken, "/dev/bus/usb/001/004")));
}

TEST_F(Doctor, KnowsProgramsThatLoadACardsOwnModule) {
    add_process(4711, "firefox-esr", "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so");
    EXPECT_THAT(check_holders(person.surroundings, observation),
                ElementsAre(is(Verdict::note, "opensc-pkcs11.so", "signet-pkcs11.so instead")));
}

TEST_F(Doctor, TellsWhyTheAgentIsOfNoUse) {
    const auto check = [this] { return check_agent(person.surroundings, observation); };
    EXPECT_THAT(check(), Each(is(Verdict::ok, "")));
    observation.agent.started = true;
    EXPECT_THAT(check(), Contains(is(Verdict::ok, "this check had systemd start it")));
    observation.agent.version = "0.0.1";
    EXPECT_THAT(check(), Contains(is(Verdict::broken, "version 0.0.1", "restart")));
    observation.agent.failure = "no such socket";
    EXPECT_THAT(check(), Contains(is(Verdict::broken, "no such socket", "signet-agent.socket")));
    EXPECT_THAT(check_tokens(observation), ElementsAre(is(Verdict::skipped, "")));
    person.surroundings.variables["SIGNET_SOCKET"] = "/run/other";
    EXPECT_THAT(check(), Contains(is(Verdict::broken, "", "signet-agent --socket /run/other")));
    person.surroundings.variables["SIGNET_SOCKET"] = "";
    EXPECT_THAT(check(), Contains(is(Verdict::broken, "", "set to nothing, which means no agent")));
    observation.configuration_failure = "signet.toml:3: unknown key";
    EXPECT_THAT(check(), Contains(is(Verdict::broken, "signet.toml:3: unknown key", "signet.toml(5)")));
}

TEST_F(Doctor, TellsOfSettingsThatAreWrong) {
    EXPECT_THAT(check_settings(observation), testing::IsEmpty());
    observation.wrong_settings = {{"mail.toml", "mail.toml:3: unknown key"}};
    EXPECT_THAT(check_settings(observation),
                ElementsAre(is(Verdict::broken, "mail.toml:3: unknown key", "signet-mail.toml(5)")));
}

TEST_F(Doctor, TellsOfTokensAndModules) {
    EXPECT_THAT(check_tokens(observation), ElementsAre(is(Verdict::ok, "Card: 1 key")));
    the_token().certificates.clear();
    EXPECT_THAT(check_tokens(observation),
                ElementsAre(is(Verdict::note, "no certificate", "signet token request")));
    the_token().slot = std::nullopt;
    EXPECT_THAT(check_tokens(observation),
                ElementsAre(is(Verdict::note, "Card: 1 key; programs do not see it", "remove a token")));
    observation.agent.inventory.tokens->clear();
    EXPECT_THAT(check_tokens(observation), ElementsAre(is(Verdict::note, "no token")));
    observation.agent.inventory.failures = {{.module = "old", .detail = "no such file"}};
    EXPECT_THAT(check_tokens(observation),
                Contains(is(Verdict::broken, "old fails: no such file", "[[pkcs11]]")));
    observation.agent.inventory.failures = {{.module = "piv", .detail = "held by another program"}};
    EXPECT_THAT(check_tokens(observation),
                Contains(is(Verdict::broken, "held by another program", "end the program that holds it")));
}

TEST_F(Doctor, TellsHowManyTriesAPinHas) {
    EXPECT_THAT(check_pins(observation), ElementsAre(is(Verdict::ok, "all tries")));
    the_token().pin = ipc::PinState::low;
    observation.agent.tries_left["id"] = 2;
    EXPECT_THAT(check_pins(observation), ElementsAre(is(Verdict::note, "Card: 2 tries left")));
    observation.agent.tries_left["id"] = 1;
    EXPECT_THAT(check_pins(observation), ElementsAre(is(Verdict::note, "1 try left")));
    the_token().pin = ipc::PinState::blocked;
    EXPECT_THAT(check_pins(observation), ElementsAre(is(Verdict::broken, "blocked", "signet token unblock")));
    the_token().pin = ipc::PinState::not_set;
    EXPECT_THAT(check_pins(observation), ElementsAre(is(Verdict::note, "no PIN is set")));
}

TEST_F(Doctor, NamesTheTokenInCommandsWhereThereAreSeveral) {
    the_token().pin = ipc::PinState::blocked;
    observation.agent.inventory.tokens->push_back(token);
    EXPECT_THAT(check_pins(observation),
                ElementsAre(is(Verdict::broken, "blocked", "signet token unblock --token 'id'")));
    the_token().certificates = {certificate("2020-12-01T00:00:00Z")};
    EXPECT_THAT(check_certificates(observation),
                ElementsAre(is(Verdict::broken, "ended",
                               "signet token request --slot SLOT --subject NAME --token 'id'")));
}

TEST_F(Doctor, TellsOfCertificatesThatEnd) {
    EXPECT_THAT(check_certificates(observation), ElementsAre(is(Verdict::ok, "")));
    the_token().certificates.push_back(certificate("2026-12-01T00:00:00Z"));
    EXPECT_THAT(check_certificates(observation),
                ElementsAre(is(Verdict::note, "CN=alice ends on 2026-12-01")));
    the_token().certificates[1] = certificate("2020-12-01T00:00:00Z");
    EXPECT_THAT(check_certificates(observation), ElementsAre(is(Verdict::note, "ended on 2020-12-01")))
        << "of a retired key";
    the_token().certificates.erase(the_token().certificates.begin());
    EXPECT_THAT(check_certificates(observation),
                ElementsAre(is(Verdict::broken, "ended on 2020-12-01", "signet token request")));
}

TEST_F(Doctor, TellsOfAModuleThatCannotBeLoaded) {
    EXPECT_THAT(check_module(person.surroundings, observation),
                ElementsAre(is(Verdict::ok, "signet-pkcs11.so")));
    observation.module_failure = "file too short";
    EXPECT_THAT(check_module(person.surroundings, observation),
                ElementsAre(is(Verdict::broken, "file too short")));
}

TEST_F(Doctor, TriesModulesInAProcessOfTheirOwn) {
    person.write("broken.so", "no library");
    EXPECT_THAT(setup::module_failure(person.root() / "broken.so"), HasSubstr("broken.so"));
    EXPECT_THAT(setup::module_failure(person.root() / "missing.so"), HasSubstr("missing.so"));
    EXPECT_THAT(setup::module_failure("libc.so.6"), HasSubstr("no C_GetFunctionList"));
}

TEST_F(Doctor, TellsWhenP11KitNamesAModuleThatIsNotThere) {
    const auto check = [this] { return check_p11_kit(person.surroundings); };
    const std::string file = "usr/share/p11-kit/modules/signet-pkcs11.module";
    person.write(file, "module: /usr/local/lib/pkcs11/signet-pkcs11.so\n");
    EXPECT_THAT(check(),
                ElementsAre(is(Verdict::broken, "signet-pkcs11.so, which is not there", "remove that")));
    fs::remove(person.root() / file);
    ASSERT_TRUE(set_up(person, setup::ClientName::p11_kit));
    EXPECT_THAT(check(), ElementsAre(is(Verdict::ok, "registered")));
    person.write(file, "module: signet-pkcs11.so\n");
    EXPECT_THAT(check(), ElementsAre(is(Verdict::ok, "registered")));
}

TEST_F(Doctor, TellsWhenP11KitShowsACardTwice) {
    const auto check = [this] { return check_p11_kit(person.surroundings); };
    person.write("usr/share/p11-kit/modules/opensc-pkcs11.module", "module: opensc-pkcs11.so\n");
    EXPECT_THAT(check(), ElementsAre(is(Verdict::skipped, "not registered", "signet setup p11-kit")));
    person.write("usr/share/p11-kit/modules/signet-pkcs11.module",
                 "module: /usr/lib/pkcs11/signet-pkcs11.so\n");
    person.write("usr/lib/pkcs11/signet-pkcs11.so", "");
    EXPECT_THAT(check(), ElementsAre(is(Verdict::broken, "opensc-pkcs11.so beside", "signet setup p11-kit")));
    ASSERT_TRUE(set_up(person, setup::ClientName::p11_kit));
    EXPECT_THAT(check(), ElementsAre(is(Verdict::ok, "registered")));
}

TEST_F(Doctor, TellsWhenP11KitDoesNotReadTheFilesOfThePerson) {
    ASSERT_TRUE(set_up(person, setup::ClientName::p11_kit));
    const auto check = [this] { return check_p11_kit(person.surroundings); };
    person.write_home(".config/pkcs11/pkcs11.conf", "user-config: only\n");
    EXPECT_THAT(check(), ElementsAre(is(Verdict::ok, "registered")));
    person.write_home(".config/pkcs11/pkcs11.conf", "user-config: none\n");
    EXPECT_THAT(check(),
                ElementsAre(is(Verdict::broken, ".config/pkcs11/pkcs11.conf", "remove user-config")));
    person.write("etc/pkcs11/pkcs11.conf", "user-config: none\n");
    EXPECT_THAT(check(), ElementsAre(is(Verdict::broken, "etc/pkcs11/pkcs11.conf")));
}

TEST_F(Doctor, SeesWhatGpgAgentTakesFromLaterLines) {
    person.install("gpgsm");
    person.install("gnupg-pkcs11-scd");
    ASSERT_TRUE(set_up(person, setup::ClientName::gpgsm));
    const auto cause = [this] { return ask_programs(person.surroundings)[setup::ClientName::gpgsm].cause; };
    const std::string own = person.read_home(".gnupg/gpg-agent.conf");
    EXPECT_EQ(cause(), "");
    person.write_home(".gnupg/gpg-agent.conf", own + "scdaemon-program /usr/lib/scdaemon\n");
    EXPECT_THAT(cause(), HasSubstr("scdaemon-program /usr/lib/scdaemon"));
    person.write_home(".gnupg/gpg-agent.conf", own + "disable-scdaemon\n");
    EXPECT_THAT(cause(), HasSubstr("disable-scdaemon"));
}

TEST_F(Doctor, AsksMuttWhatItMakesOfAllItsSettings) {
    for (const std::string program : {"mutt", "neomutt"}) {
        SIGNET_REQUIRE_PROGRAM(program.c_str());
        person.install(program);
    }
    person.write("signet/share/smime.rc",
                 "set crypt_use_gpgme = no\nset smime_decrypt_command = \"signet decrypt\"\n");
    ASSERT_TRUE(set_up(person, setup::ClientName::mutt));
    const auto cause = [this] { return ask_programs(person.surroundings)[setup::ClientName::mutt].cause; };
    EXPECT_EQ(cause(), "");
    const std::string own = person.read_home(".muttrc");
    person.write_home(".muttrc", own + "set crypt_use_gpgme = yes\n");
    EXPECT_THAT(cause(), HasSubstr("mutt does not use it"));
    person.write_home(".muttrc", own + "set smime_decrypt_command = \"openssl cms\"\n");
    EXPECT_THAT(cause(), HasSubstr("smime_decrypt_command"));
}

TEST_F(Doctor, LooksAtEachProgramThatIsInstalled) {
    const auto check = [this] { return check_clients(person.surroundings, observation); };
    EXPECT_THAT(check(), testing::IsEmpty());
    person.install("ssh");
    EXPECT_THAT(check(), ElementsAre(is(Verdict::skipped, "not set up", "signet setup ssh")));
    ASSERT_TRUE(set_up(person, setup::ClientName::ssh));
    EXPECT_THAT(check(), ElementsAre(is(Verdict::ok, "set up")));
    person.write_home(".ssh/config", "");
    EXPECT_THAT(check(), ElementsAre(is(Verdict::broken, "changed since", "signet setup ssh")));
}

TEST_F(Doctor, TellsWhenASetUpProgramUsesSomethingElse) {
    person.install("ssh");
    observation.other_uses[setup::ClientName::ssh] = {.cause = "ssh uses /o.so", .remedy = "remove it"};
    EXPECT_THAT(check_clients(person.surroundings, observation),
                ElementsAre(is(Verdict::skipped, "not set up")));
    ASSERT_TRUE(set_up(person, setup::ClientName::ssh));
    EXPECT_THAT(check_clients(person.surroundings, observation),
                ElementsAre(is(Verdict::broken, "set up, but ssh uses /o.so", "remove it")));
}

TEST_F(Doctor, AsksGitWhatItMakesOfAllItsSettings) {
    SIGNET_REQUIRE_PROGRAM("git");
    person.install("git");
    ASSERT_TRUE(set_up(person, setup::ClientName::git));
    EXPECT_THAT(ask_programs(person.surroundings), testing::IsEmpty());
    person.write_home("further", "[gpg]\n\tformat = ssh\n");
    person.write_home(".gitconfig", person.read_home(".gitconfig") + "[include]\n\tpath = further\n");
    EXPECT_THAT(ask_programs(person.surroundings)[setup::ClientName::git].cause,
                HasSubstr("gpg.format = ssh"));
}

TEST_F(Doctor, AsksGitWhatItTakesInSomeRepositories) {
    SIGNET_REQUIRE_PROGRAM("git");
    person.install("git");
    ASSERT_TRUE(set_up(person, setup::ClientName::git));
    const std::string own = person.read_home(".gitconfig");
    const auto with_condition = [this, &own](const std::string& condition) {
        person.write_home(".gitconfig", own + "[includeIf \"" + condition + "\"]\n\tpath = further\n");
        return ask_programs(person.surroundings)[setup::ClientName::git];
    };
    person.write_home("further", "[gpg]\n\tformat = ssh\n");
    const auto everywhere = with_condition("gitdir:/");
    EXPECT_THAT(everywhere.cause, HasSubstr("gpg.format = ssh"));
    EXPECT_EQ(everywhere.verdict, Verdict::broken);
    const auto in_some = with_condition("gitdir:~/src/");
    EXPECT_THAT(in_some.cause, AllOf(HasSubstr("gpg.format = ssh"), HasSubstr("gitdir:~/src/")));
    EXPECT_EQ(in_some.verdict, Verdict::note);
    person.write_home("further", "[gpg]\n\tformat = x509\n");
    EXPECT_EQ(with_condition("gitdir:~/src/").cause, "");
}

TEST_F(Doctor, AsksSshWhatItMakesOfAllItsSettings) {
    SIGNET_REQUIRE_PROGRAM("ssh");
    person.install("ssh");
    const auto cause = [this] { return ask_programs(person.surroundings)[setup::ClientName::ssh].cause; };
    ASSERT_TRUE(set_up(person, setup::ClientName::ssh));
    EXPECT_THAT(ask_programs(person.surroundings), testing::IsEmpty());
    const std::string own = person.read_home(".ssh/config");
    person.write_home(".ssh/config", "PKCS11Provider /opensc.so\n" + own);
    EXPECT_THAT(cause(), HasSubstr("ssh uses /opensc.so instead"));
    person.write_home(".ssh/config", "Nonsense yes\n" + own);
    EXPECT_THAT(cause(), HasSubstr("nonsense"));
    person.write_home(".ssh/config", own);
    fs::permissions(person.home() / ".ssh/config", fs::perms(0666));
    EXPECT_THAT(cause(), HasSubstr("Bad owner or permissions"));
}

TEST_F(Doctor, TellsWhatTheSessionHasForTheEngineOfOpenssl) {
    person.install("openssl");
    ASSERT_TRUE(set_up(person, setup::ClientName::openssl));
    const auto check = [this] {
        observation.other_uses = ask_programs(person.surroundings);
        return check_clients(person.surroundings, observation);
    };
    EXPECT_THAT(check(), ElementsAre(is(Verdict::note, "does not have PKCS11_MODULE_PATH", "log in again")));
    auto& variable = person.surroundings.variables["PKCS11_MODULE_PATH"];
    variable = "/o.so";
    EXPECT_THAT(check(), ElementsAre(is(Verdict::broken, "has PKCS11_MODULE_PATH=/o.so", "export")));
    variable = person.surroundings.installed.module.string();
    EXPECT_THAT(check(), ElementsAre(is(Verdict::ok, "set up")));
}

TEST_F(Doctor, FindsNothingBrokenInWhatOnlyRootMayWrite) {
    for (const std::string program : {"thunderbird", "firefox-esr"}) {
        person.install(program);
    }
    fs::create_directories(person.root() / "etc/thunderbird/policies");
    fs::permissions(person.root() / "etc/thunderbird/policies", fs::perms(0555));
    const auto found = person.as_ordinary_user([this] {
        std::string text;
        for (const auto& finding : check_clients(person.surroundings, observation)) {
            text += std::string(name_of(finding.verdict)) + " " + finding.check + "\n";
        }
        return text;
    });
    EXPECT_EQ(found, "skipped thunderbird\nskipped firefox\n");
}

TEST_F(Doctor, FindsNothingBrokenInAProgramWithReadOnlySettings) {
    person.install("ssh");
    person.write_home(".ssh/config", "Host a\n");
    fs::permissions(person.home() / ".ssh/config", fs::perms::owner_read);
    EXPECT_THAT(check_clients(person.surroundings, observation),
                ElementsAre(is(Verdict::skipped, "not set up", "signet setup ssh")));
}

TEST_F(Doctor, TellsWhenAMailProgramShowsACardTwice) {
    person.install("thunderbird");
    person.write_home(".thunderbird/profiles.ini", "[Profile0]\nPath=a\n");
    person.write_home(".thunderbird/a/pkcs11.txt",
                      "library=\nname=NSS\n\nlibrary=/usr/lib/opensc-pkcs11.so\nname=o\n\n");
    ASSERT_TRUE(set_up(person, setup::ClientName::thunderbird));
    EXPECT_THAT(check_clients(person.surroundings, observation),
                ElementsAre(is(Verdict::ok, "set up"),
                            is(Verdict::broken, "shows a card twice", "Security Devices")));
}

TEST_F(Doctor, NamesTheCommandWhereAProgramHasNoSettingsForModules) {
    person.install("chromium");
    person.write_home(".pki/nssdb/pkcs11.txt",
                      "library=/usr/lib/onepin-opensc-pkcs11.so\nname=OpenSC framework (0.23)\n\n");
    ASSERT_TRUE(set_up(person, setup::ClientName::chromium));
    EXPECT_THAT(check_clients(person.surroundings, observation),
                ElementsAre(is(Verdict::ok, "set up"),
                            is(Verdict::broken, "shows a card twice",
                               "modutil -dbdir 'sql:" + (person.home() / ".pki/nssdb").string() +
                                   "' -delete 'OpenSC framework (0.23)'")));
}

TEST_F(Doctor, KnowsThatOpenscComesBackAtEachLogin) {
    person.install("firefox");
    person.write_home(".mozilla/firefox/profiles.ini", "[Profile0]\nPath=a\n");
    person.write_home(".mozilla/firefox/a/pkcs11.txt",
                      "library=/usr/lib/onepin-opensc-pkcs11.so\nname=o\n\n");
    ASSERT_TRUE(set_up(person, setup::ClientName::firefox));
    const auto remedy = [this] { return check_clients(person.surroundings, observation).at(1).remedy; };
    EXPECT_THAT(remedy(), testing::Not(HasSubstr("login")));
    person.write("etc/xdg/autostart/pkcs11-register.desktop",
                 "[Desktop Entry]\nExec=/usr/bin/pkcs11-register\n");
    EXPECT_THAT(remedy(), testing::AllOf(HasSubstr("again at each login"), HasSubstr("Security Devices"),
                                         HasSubstr(".config/autostart/pkcs11-register.desktop")));
    person.write_home(".config/autostart/pkcs11-register.desktop", "[Desktop Entry]\nHidden=true\n");
    EXPECT_THAT(remedy(), testing::Not(HasSubstr("login")));
}

TEST_F(Doctor, TellsWhenAMailProgramLoadsAnotherCopyOfTheModule) {
    person.install("thunderbird");
    person.write_home(".thunderbird/profiles.ini", "[Profile0]\nPath=a\n");
    person.write_home(".thunderbird/a/pkcs11.txt", "library=/old/signet-pkcs11.so\nname=old\n\n");
    ASSERT_TRUE(set_up(person, setup::ClientName::thunderbird));
    EXPECT_THAT(
        check_clients(person.surroundings, observation),
        ElementsAre(is(Verdict::ok, "set up"), is(Verdict::broken, "also names /old/signet-pkcs11.so")));
}

TEST_F(Doctor, TellsWhenAMailProgramLoadsAModuleOfTheAgentToo) {
    person.install("thunderbird");
    person.write_home(".thunderbird/profiles.ini", "[Profile0]\nPath=a\n");
    person.write_home(".thunderbird/a/pkcs11.txt", "library=\nname=NSS\n\nlibrary=/opt/token.so\nname=o\n\n");
    ASSERT_TRUE(set_up(person, setup::ClientName::thunderbird));
    EXPECT_THAT(check_clients(person.surroundings, observation), ElementsAre(is(Verdict::ok, "set up")));
    person.surroundings.variables["SIGNET_CONFIG"] = (person.home() / "agent.toml").string();
    person.write_home("agent.toml", "[[pkcs11]]\nname = \"token\"\nmodule = \"/opt/token.so\"\n");
    EXPECT_THAT(check_clients(person.surroundings, observation),
                ElementsAre(is(Verdict::ok, "set up"), is(Verdict::broken, "also names /opt/token.so")));
}

}  // namespace
}  // namespace signet::test
