#include "setup/state.h"
#include "tests/setup/person.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>
#include <unistd.h>

namespace signet::test {
namespace {

namespace fs = std::filesystem;
using setup::ClientName;
using setup::Progress;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Clients : public testing::Test {
  protected:
    // Sets it up, gives what `file` says then, and sees that undoing it brings back the home.
    std::string set_up_and_undo(ClientName client, const std::string& file) {
        const auto before = person.snapshot();
        const auto done = set_up(person, client);
        EXPECT_TRUE(done) << done.error().detail;
        std::string text = person.read_home(file);
        const auto again = set_up(person, client);
        EXPECT_TRUE(again && again->changes.empty());
        EXPECT_TRUE(undo(person, client));
        EXPECT_EQ(person.snapshot(), before);
        return text;
    }
    std::string refusal(ClientName client) {
        const auto result = set_up(person, client);
        EXPECT_FALSE(result);
        return result ? "" : std::string(error_name(result.error().code)) + ": " + result.error().detail;
    }
    Progress progress(ClientName client, bool system = false) {
        return client_state({.client = client, .system = system}, person.surroundings).progress;
    }
    [[nodiscard]] std::string module() const { return person.surroundings.installed.module.string(); }

    Person person;
};

TEST_F(Clients, GitFindsItsSettingsAsGitDoes) {
    SIGNET_REQUIRE_PROGRAM("git");
    EXPECT_THAT(set_up_and_undo(ClientName::git, ".gitconfig"),
                AllOf(HasSubstr("format = x509"), HasSubstr("signet/bin/signet-gpgsm")));
    person.write_home(".config/git/config", "[user]\n\tname = Rita\n");
    EXPECT_THAT(set_up_and_undo(ClientName::git, ".config/git/config"), HasSubstr("format = x509"));
    person.surroundings.variables["GIT_CONFIG_GLOBAL"] = (person.home() / "elsewhere").string();
    EXPECT_THAT(set_up_and_undo(ClientName::git, "elsewhere"), HasSubstr("format = x509"));
}

TEST_F(Clients, GpgsmNeedsItsDaemon) {
    EXPECT_THAT(refusal(ClientName::gpgsm), HasSubstr("install the package"));
    person.install("gnupg-pkcs11-scd");
    EXPECT_THAT(set_up_and_undo(ClientName::gpgsm, ".gnupg/gpg-agent.conf"),
                HasSubstr("scdaemon-program /usr/bin/gnupg-pkcs11-scd\n"));
    EXPECT_THAT(
        set_up_and_undo(ClientName::gpgsm, ".gnupg/gnupg-pkcs11-scd.conf"),
        AllOf(HasSubstr("providers signet\n"), HasSubstr("provider-signet-library " + module() + "\n"),
              HasSubstr("provider-signet-allow-protected-auth\n")));
}

TEST_F(Clients, GpgsmKeepsOtherProviders) {
    person.install("gnupg-pkcs11-scd");
    person.write_home(".gnupg/gnupg-pkcs11-scd.conf", "providers a,b\nprovider-a-library /a.so\n");
    EXPECT_THAT(set_up_and_undo(ClientName::gpgsm, ".gnupg/gnupg-pkcs11-scd.conf"),
                HasSubstr("\nproviders a,b,signet\n"));
}

TEST_F(Clients, GpgsmSeesSettingsWithBlanksAroundThem) {
    person.install("gnupg-pkcs11-scd");
    for (const std::string line : {" providers a,b", "\tproviders\ta,b", "providers   a,b \r"}) {
        person.write_home(".gnupg/gnupg-pkcs11-scd.conf", line + "\n");
        EXPECT_THAT(set_up_and_undo(ClientName::gpgsm, ".gnupg/gnupg-pkcs11-scd.conf"),
                    HasSubstr("\nproviders a,b,signet\n"))
            << line;
    }
}

TEST_F(Clients, GpgsmTellsWhatItCannotDo) {
    person.install("gnupg-pkcs11-scd");
    person.write_home(".gnupg/gpg-agent.conf", "scdaemon-program /other\n");
    const auto client = describe({.client = ClientName::gpgsm}, person.surroundings);
    ASSERT_TRUE(client);
    EXPECT_THAT(client->notes,
                AllOf(testing::Contains(HasSubstr("keys on curves")), testing::Contains(HasSubstr("257")),
                      testing::Contains(HasSubstr("/other"))));
}

TEST_F(Clients, MuttReadsTheSettingsOfSignetLast) {
    person.write_home(".mutt/muttrc", "set from = a@example.org\n");
    EXPECT_THAT(
        set_up_and_undo(ClientName::mutt, ".mutt/muttrc"),
        AllOf(testing::StartsWith("set from"),
              HasSubstr("source \"" + person.surroundings.installed.mutt_settings.string() + "\"\n")));
    person.write_home(".config/neomutt/neomuttrc", "");
    EXPECT_THAT(set_up_and_undo(ClientName::mutt, ".config/neomutt/neomuttrc"), HasSubstr("source"));
}

TEST_F(Clients, MuttAndNeomuttShareAFileThatBothRead) {
    person.write_home("dotfiles/muttrc", "");
    for (const std::string name : {".muttrc", ".neomuttrc"}) {
        fs::create_symlink("dotfiles/muttrc", person.home() / name);
    }
    EXPECT_THAT(set_up_and_undo(ClientName::mutt, "dotfiles/muttrc"), HasSubstr("source"));
}

TEST_F(Clients, MuttGetsAFileWhereOnlyNeomuttHasOne) {
    person.write_home(".neomuttrc", "");
    person.install("mutt");
    EXPECT_THAT(set_up_and_undo(ClientName::mutt, ".neomuttrc"), HasSubstr("source"));
    EXPECT_THAT(set_up_and_undo(ClientName::mutt, ".muttrc"), HasSubstr("source"));
}

TEST_F(Clients, SshNamesTheModuleBehindAllHosts) {
    person.write_home(".ssh/config", "Host a\n    PKCS11Provider none\n");
    EXPECT_THAT(set_up_and_undo(ClientName::ssh, ".ssh/config"),
                AllOf(testing::StartsWith("Host a\n"), HasSubstr("to undo it: signet setup ssh --undo\n"),
                      HasSubstr("Host *\n    PKCS11Provider " + module() + "\n")));
}

TEST_F(Clients, OpensslFindsTheModuleByAVariableOfTheSession) {
    EXPECT_THAT(set_up_and_undo(ClientName::openssl, ".config/environment.d/50-signet-openssl.conf"),
                HasSubstr("\nPKCS11_MODULE_PATH=\"" + module() + "\"\n"));
}

TEST_F(Clients, P11KitShowsCardsOnce) {
    person.write("usr/share/p11-kit/modules/opensc-pkcs11.module", "module: opensc-pkcs11.so\n");
    person.write("usr/share/p11-kit/modules/softhsm2.module", "module: libsofthsm2.so\n");
    EXPECT_THAT(set_up_and_undo(ClientName::p11_kit, ".config/pkcs11/modules/opensc-pkcs11.module"),
                HasSubstr("module: opensc-pkcs11.so\nenable-in: "));
    EXPECT_THAT(set_up_and_undo(ClientName::p11_kit, ".config/pkcs11/modules/signet.module"),
                HasSubstr("module: " + module() + "\n"));
    EXPECT_FALSE(fs::exists(person.home() / ".config/pkcs11/modules/softhsm2.module"));
}

TEST_F(Clients, P11KitDoesNotShowWhatTheAgentDrives) {
    person.write("usr/share/p11-kit/modules/softhsm2.module", "module: /usr/lib/libsofthsm2.so\n");
    person.write("usr/share/p11-kit/modules/tpm2.module", "module: libtpm2_pkcs11.so\n");
    person.write("usr/share/p11-kit/modules/other.module", "module: /usr/lib/other/libpkcs11.so\n");
    person.write("usr/lib/softhsm/libsofthsm2.so.2", "");
    fs::create_symlink("softhsm/libsofthsm2.so.2", person.root() / "usr/lib/libsofthsm2.so");
    person.write("etc/signet/signet.toml",
                 "[[pkcs11]]\nname = \"a\"\nmodule = \"/usr/lib/softhsm/libsofthsm2.so.2\"\n");
    person.write_home(".config/signet/signet.toml",
                      "[[pkcs11]]\nname = \"b\"\nmodule = \"/usr/lib/pkcs11/libtpm2_pkcs11.so\"\n"
                      "[[pkcs11]]\nname = \"c\"\nmodule = \"/opt/libpkcs11.so\"\n");
    for (const std::string name : {"softhsm2", "tpm2"}) {
        EXPECT_THAT(set_up_and_undo(ClientName::p11_kit, ".config/pkcs11/modules/" + name + ".module"),
                    HasSubstr("enable-in: "))
            << name;
    }
    ASSERT_TRUE(set_up(person, ClientName::p11_kit));
    EXPECT_FALSE(fs::exists(person.home() / ".config/pkcs11/modules/other.module"));
}

TEST_F(Clients, P11KitIsNotToldTwiceWhereTheMachineKnowsTheModule) {
    for (const std::string& name : {module(), std::string("signet-pkcs11.so")}) {
        person.write("usr/share/p11-kit/modules/signet-pkcs11.module", "module: " + name + "\n");
        const auto plan = set_up(person, ClientName::p11_kit);
        ASSERT_TRUE(plan);
        EXPECT_TRUE(plan->changes.empty()) << name;
    }
}

TEST_F(Clients, P11KitIsToldWhereTheMachineKnowsAModuleThatIsGone) {
    person.write("usr/share/p11-kit/modules/signet-pkcs11.module", "module: /usr/local/signet-pkcs11.so\n");
    const auto plan = set_up(person, ClientName::p11_kit);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->changes.size(), 1U);
}

class MozillaClients : public Clients {
  protected:
    MozillaClients() {
        person.write_home(".thunderbird/profiles.ini",
                          "[Install4F]\nDefault=a.default\nPath=wrong\n\n[Profile1]\nName=x\nIsRelative=1\n"
                          "Path=a.default\n\n[Profile0]\nIsRelative=0\nPath=" +
                              (person.home() / "far").string() + "\n\n[General]\n");
        person.write_home(".thunderbird/a.default/pkcs11.txt", "library=\nname=NSS\n\n");
        person.write_home("far/pkcs11.txt", "library=\nname=NSS\n\n");
    }
};

TEST_F(MozillaClients, AreSetUpInEachProfile) {
    for (const std::string profile : {".thunderbird/a.default", "far"}) {
        EXPECT_THAT(set_up_and_undo(ClientName::thunderbird, profile + "/pkcs11.txt"),
                    HasSubstr("library=" + module() + "\nname=signet\n\n"));
    }
}

TEST_F(MozillaClients, MayHaveALineEndOfOtherSystemsInTheirList) {
    person.write_home(".thunderbird/profiles.ini", "[Profile0]\r\nIsRelative=1\r\nPath=a.default\r\n");
    EXPECT_THAT(set_up_and_undo(ClientName::thunderbird, ".thunderbird/a.default/pkcs11.txt"),
                HasSubstr("name=signet"));
}

TEST_F(MozillaClients, HaveProfilesInEitherFolderOfFirefox) {
    person.surroundings.variables["XDG_CONFIG_HOME"] = (person.home() / "settings").string();
    for (const std::string folder : {".mozilla/firefox", "settings/mozilla/firefox"}) {
        person.write_home(folder + "/profiles.ini", "[Profile0]\nIsRelative=1\nPath=b\n");
        person.write_home(folder + "/b/pkcs11.txt", "library=\nname=NSS\n\n");
        EXPECT_THAT(set_up_and_undo(ClientName::firefox, folder + "/b/pkcs11.txt"), HasSubstr("name=signet"));
    }
}

TEST_F(MozillaClients, AreLeftAloneWhileTheyRun) {
    fs::create_symlink("127.0.1.1:+4711", person.home() / ".thunderbird/a.default/lock");
    const auto client = [this] { return describe({.client = ClientName::thunderbird}, person.surroundings); };
    EXPECT_EQ(client()->in_use, "") << "the link of a process that is gone";
    person.write("proc/4711/comm", "thunderbird\n");
    EXPECT_THAT(client()->in_use, HasSubstr("Thunderbird is running (process 4711)"));
    fs::create_directory(person.root() / "proc/4711/fd");
    fs::create_symlink("/dev/null", person.root() / "proc/4711/fd/0");
    EXPECT_EQ(client()->in_use, "") << "the number is another process's by now";
    fs::create_symlink(person.home() / ".thunderbird/a.default/.parentlock",
                       person.root() / "proc/4711/fd/1");
    EXPECT_THAT(client()->in_use, HasSubstr("Thunderbird is running (process 4711)"));
}

TEST_F(MozillaClients, WantAProfile) {
    EXPECT_THAT(refusal(ClientName::firefox), AllOf(HasSubstr("start it once"), HasSubstr("--system")));
}

TEST_F(MozillaClients, ThatRunInASandboxAreNamed) {
    person.write_home("snap/thunderbird/common/.thunderbird/profiles.ini", "");
    person.write_home(".var/app/org.mozilla.firefox/.mozilla/firefox/profiles.ini", "");
    EXPECT_THAT(refusal(ClientName::firefox), HasSubstr("runs in a sandbox"));
    const auto client = describe({.client = ClientName::thunderbird}, person.surroundings);
    ASSERT_TRUE(client) << client.error().detail;
    EXPECT_THAT(client->notes,
                testing::Contains(HasSubstr("snap/thunderbird/common/.thunderbird runs in a")));
}

TEST_F(MozillaClients, AreSetUpForEverybodyByAPolicy) {
    person.write("usr/lib/thunderbird/distribution/policies.json",
                 R"({"policies": {"DisableAppUpdate": true}})");
    ASSERT_TRUE(set_up(person, ClientName::thunderbird, true));
    const auto file = person.root() / "etc/thunderbird/policies/policies.json";
    EXPECT_THAT(read_file(file),
                AllOf(HasSubstr("DisableAppUpdate"), HasSubstr("\"signet\": \"" + module())));
    ASSERT_TRUE(undo(person, ClientName::thunderbird, true));
    EXPECT_FALSE(fs::exists(person.root() / "etc/thunderbird")) << "with the folders";
}

TEST_F(MozillaClients, KeepPoliciesThatCannotBeRead) {
    person.write("etc/firefox/policies/policies.json", "{ not JSON");
    const auto result = set_up(person, ClientName::firefox, true);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::malformed);
    EXPECT_THAT(result.error().detail, HasSubstr("etc/firefox/policies/policies.json: no JSON at octet"));
    EXPECT_EQ(read_file(person.root() / "etc/firefox/policies/policies.json"), "{ not JSON");
}

TEST_F(Clients, EvolutionHasTheDatabaseThatProgramsShare) {
    EXPECT_THAT(refusal(ClientName::evolution), HasSubstr("start it once"));
    person.write_home(".pki/nssdb/pkcs11.txt", "library=\nname=NSS\n\n");
    EXPECT_THAT(set_up_and_undo(ClientName::evolution, ".pki/nssdb/pkcs11.txt"), HasSubstr("name=signet"));
}

TEST_F(Clients, ChromiumHasADatabaseOfItsOwnWhereThereIsNoneToShare) {
    EXPECT_THAT(refusal(ClientName::chromium), HasSubstr("start it once"));
    person.write_home(".local/share/pki/nssdb/pkcs11.txt", "library=\nname=NSS\n\n");
    EXPECT_THAT(set_up_and_undo(ClientName::chromium, ".local/share/pki/nssdb/pkcs11.txt"),
                HasSubstr("name=signet"));
    person.write_home(".pki/nssdb/pkcs11.txt", "library=\nname=NSS\n\n");
    EXPECT_THAT(set_up_and_undo(ClientName::chromium, ".pki/nssdb/pkcs11.txt"), HasSubstr("name=signet"));
}

TEST_F(Clients, ChromiumIsSetUpWithEvolution) {
    person.install("chromium");
    person.write_home(".pki/nssdb/pkcs11.txt", "library=\nname=NSS\n\n");
    ASSERT_TRUE(set_up(person, ClientName::evolution));
    EXPECT_EQ(progress(ClientName::chromium), Progress::set_up);
    ASSERT_TRUE(undo(person, ClientName::evolution));
    EXPECT_EQ(progress(ClientName::chromium), Progress::not_set_up);
}

TEST_F(Clients, AreListedWithHowFarTheyAre) {
    EXPECT_FALSE(client_state({.client = ClientName::ssh}, person.surroundings).installed);
    person.install("ssh");
    EXPECT_EQ(progress(ClientName::ssh), Progress::not_set_up);
    ASSERT_TRUE(set_up(person, ClientName::ssh));
    EXPECT_EQ(progress(ClientName::ssh), Progress::set_up);
    person.write_home(".ssh/config", "");
    EXPECT_EQ(progress(ClientName::ssh), Progress::outdated);
    person.write_home(".local/state/signet/setup/ssh.json", "nonsense");
    EXPECT_EQ(progress(ClientName::ssh), Progress::unknown);
}

}  // namespace
}  // namespace signet::test
