// What signet setup writes, and the agent behind the programs that read it.
#include "tests/clients/set_up_client.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>
#include <pwd.h>
#include <unistd.h>

namespace signet::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class GpgsmSetUp : public SetUpGpgsm {};

TEST_F(GpgsmSetUp, LearnsListsSignsAndDecrypts) {
    EXPECT_THAT(set_up("gpgsm"), HasSubstr("keys on curves are not seen"));
    in_home({program("signet"), "setup", "gpgsm", "--yes", "--restart"});
    in_home({"gpgconf", "--kill", "all"});
    gpgsm({"--learn-card"});
    const auto keys = gpgsm({"--list-secret-keys"});
    EXPECT_THAT(keys, HasSubstr("/CN=rsa"));
    EXPECT_THAT(keys, Not(HasSubstr("/CN=ec")));
    gpgsm({"--detach-sign", "-u", "rsa@example.test", "-o", home("signature"), place().path("message")});
    gpgsm({"--verify", home("signature"), place().path("message")});
    encrypt_for("rsa");
    EXPECT_EQ(gpgsm({"--decrypt", place().path("encrypted.p7m")}), place().read("message"));
}

// In a session with what systemd makes of the file that signet setup openssl writes.
class SetUpForEngine : public SetUpClient {
  protected:
    static constexpr const char* generator =
        "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator";
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("openssl");
        SIGNET_REQUIRE(std::filesystem::exists(generator), "systemd");
        SetUpClient::SetUp();
        set_up("openssl");
    }
    std::string in_session(std::vector<std::string> command) {
        command.insert(command.begin(),
                       {"env", "-u", "PKCS11_MODULE_PATH", "sh", "-c",
                        "set -a && eval \"$(" + std::string(generator) + ")\" && exec \"$@\"", "session"});
        return in_home(command);
    }
};

TEST_F(SetUpForEngine, OpensslSignsWithItsConfiguration) {
    in_session({"openssl", "pkeyutl", "-engine", "pkcs11", "-keyform", "engine", "-inkey", uri("rsa"),
                "-sign", "-in", "digest", "-out", "signature", "-pkeyopt", "digest:sha256"});
    EXPECT_THAT(succeed({"openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "rsa.pub", "-in", "digest",
                         "-sigfile", "signature", "-pkeyopt", "digest:sha256"}),
                HasSubstr("Signature Verified Successfully"));
}

TEST_F(SetUpForEngine, OpensslKeepsDoingKeysInFilesItself) {
    in_session({"openssl", "ecparam", "-genkey", "-name", "prime256v1", "-out", place().path("made.key")});
    in_session({"openssl", "cms", "-encrypt", "-in", place().path("message"), "-recip",
                place().path("rsa.pem"), "-keyopt", "rsa_padding_mode:oaep", "-out",
                place().path("encrypted.eml")});
}

class SetUpForSsh : public SetUpClient {};

TEST_F(SetUpForSsh, LogsIn) {
    constexpr const char* sshd = "/usr/sbin/sshd";
    SIGNET_REQUIRE_PROGRAM("ssh");
    SIGNET_REQUIRE(std::filesystem::exists(sshd), "openssh-server");
    set_up("ssh");
    succeed({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "host"});
    place().write("known", "token " + place().read("host.pub"));
    place().write("sshd_config", "HostKey " + place().path("host") + "\nAuthorizedKeysFile " +
                                     place().path("authorized") +
                                     "\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
                                     "KbdInteractiveAuthentication no\nPidFile none\n");
    place().write("authorized", succeed({"ssh-keygen", "-D", pkcs11_module()}));
    const std::string server = std::string(sshd) + " -i -f " + place().path("sshd_config");
    const std::string proxy =
        geteuid() == 0
            ? "unshare --mount sh -c 'mount -t tmpfs run /run && mkdir /run/sshd && exec " + server + "'"
            : server;
    EXPECT_THAT(in_home({"ssh", "-F", home(".ssh/config"), "-o", "BatchMode=yes", "-o", "IdentityAgent=none",
                         "-o", "UserKnownHostsFile=" + place().path("known"), "-o", "ProxyCommand=" + proxy,
                         std::string(getpwuid(geteuid())->pw_name) + "@token", "echo logged in"}),
                HasSubstr("logged in"));
}

class SetUpForNss : public SetUpClient {};

TEST_F(SetUpForNss, FirefoxAndEvolutionSeeTheToken) {
    SIGNET_REQUIRE_PROGRAM("certutil");
    SIGNET_REQUIRE_PROGRAM("modutil");
    const std::string profile = home(".mozilla/firefox/a");
    const std::string evolution = home(".pki/nssdb");
    for (const std::string& folder : {profile, evolution}) {
        std::filesystem::create_directories(folder);
        succeed({"certutil", "-N", "-d", "sql:" + folder, "--empty-password"});
    }
    write_file(home(".mozilla/firefox/profiles.ini"), "[Profile0]\nIsRelative=1\nPath=a\n");
    set_up("firefox");
    set_up("evolution");
    for (const std::string& folder : {profile, evolution}) {
        EXPECT_THAT(succeed({"modutil", "-list", "-dbdir", "sql:" + folder}), HasSubstr("token: tok"));
        EXPECT_THAT(succeed({"certutil", "-L", "-h", "all", "-d", "sql:" + folder}),
                    testing::ContainsRegex("tok:rsa +u,u,u"));
    }
}

TEST_F(SetUpForNss, FirefoxSeesTheTokenInAProfileThatItMadeItself) {
    SIGNET_REQUIRE_PROGRAM("firefox-esr");
    SIGNET_REQUIRE_PROGRAM("certutil");
    SIGNET_REQUIRE_PROGRAM("modutil");
    const std::string profile = home("profile");
    in_home({"firefox-esr", "--headless", "-CreateProfile", "own " + profile});
    succeed({"certutil", "-N", "-d", "sql:" + profile, "--empty-password"});
    set_up("firefox");
    EXPECT_THAT(succeed({"modutil", "-list", "-dbdir", "sql:" + profile}), HasSubstr("token: tok"));
}

class SetUpForP11Kit : public SetUpClient {
  protected:
    // p11-kit does not read the configuration of the user root.
    std::string listed_modules() {
        const bool is_root = geteuid() == 0;
        return in_home(joined(is_root ? std::vector<std::string>{"unshare", "--user", "--map-user=65534"}
                                      : std::vector<std::string>{},
                              {"p11-kit", "list-modules"}));
    }
    void SetUp() override {
        if (geteuid() == 0 && run({"unshare", "--user", "--map-user=65534", "true"}).exit_status != 0) {
            GTEST_SKIP() << "the kernel permits no namespaces here";
        }
        SetUpClient::SetUp();
    }
};

TEST_F(SetUpForP11Kit, TokensAreSeenAndOpenscIsNot) {
    SIGNET_REQUIRE_PROGRAM("p11-kit");
    set_up("p11-kit");
    const auto modules = listed_modules();
    EXPECT_THAT(modules, HasSubstr("token: tok"));
    EXPECT_THAT(modules, Not(HasSubstr("opensc-pkcs11.so")));
}

TEST_F(SetUpForP11Kit, ATokenThatTheAgentDrivesIsSeenOnce) {
    SIGNET_REQUIRE_PROGRAM("p11-kit");
    // Debian's, by a link to the file that signet.toml names.
    SIGNET_REQUIRE(std::filesystem::exists("/usr/share/p11-kit/modules/softhsm2.module"), "softhsm2-common");
    EXPECT_THAT(listed_modules(), HasSubstr("libsofthsm2.so"));
    set_up("p11-kit", {{"SIGNET_CONFIG", agent().config()}});
    const auto modules = listed_modules();
    EXPECT_THAT(modules, HasSubstr("token: tok"));
    EXPECT_THAT(modules, Not(HasSubstr("libsofthsm2.so")));
}

}  // namespace
}  // namespace signet::test
