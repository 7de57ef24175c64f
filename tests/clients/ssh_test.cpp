// OpenSSH: ssh -I and ssh-keygen -D, before a real sshd that speaks through a pipe.
#include "tests/clients/client_test.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>
#include <pwd.h>
#include <unistd.h>

#include <sstream>

namespace signet::test {
namespace {

using testing::HasSubstr;

constexpr const char* sshd = "/usr/sbin/sshd";

class Ssh : public ClientTest {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("ssh");
        SIGNET_REQUIRE(std::filesystem::exists(sshd), "openssh-server");
        ClientTest::SetUp();
        succeed({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "host"});
        place().write("known", "token " + place().read("host.pub"));
        place().write("sshd_config", "HostKey " + place().path("host") + "\nAuthorizedKeysFile " +
                                         place().path("authorized") +
                                         "\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
                                         "KbdInteractiveAuthentication no\nPidFile none\n");
    }
    // The public keys of this type on the token.
    std::string public_keys(const std::string& type) {
        std::istringstream all(succeed({"ssh-keygen", "-D", pkcs11_module()}));
        std::string found;
        for (std::string line; std::getline(all, line);) {
            found += line.starts_with(type + " ") ? line + "\n" : "";
        }
        return found;
    }
    // Of a command on the other side.
    ProcessResult ssh(const std::string& command) {
        const std::string server = std::string(sshd) + " -i -f " + place().path("sshd_config");
        // Run by root, sshd wants a folder below /run.
        const std::string proxy = geteuid() == 0 ? "unshare --mount sh -c 'mount -t tmpfs run /run && mkdir "
                                                   "/run/sshd && exec " +
                                                       server + "'"
                                                 : server;
        return place().run({"ssh", "-F", "none", "-I", pkcs11_module(), "-o", "BatchMode=yes", "-o",
                            "IdentityAgent=none", "-o", "UserKnownHostsFile=" + place().path("known"), "-o",
                            "ProxyCommand=" + proxy, std::string(getpwuid(geteuid())->pw_name) + "@token",
                            command});
    }
};

TEST_F(Ssh, LogsInWithAnRsaAndWithAnEcKey) {
    for (const std::string type : {"ssh-rsa", "ecdsa-sha2-nistp256"}) {
        const auto keys = public_keys(type);
        ASSERT_FALSE(keys.empty()) << type;
        place().write("authorized", keys);
        const auto result = ssh("echo logged in");
        EXPECT_EQ(result.exit_status, 0) << type << result.error_output;
        EXPECT_THAT(result.output, HasSubstr("logged in")) << type;
    }
}

TEST_F(Ssh, IsAskedForThePinByTheAgent) {
    ASSERT_TRUE(agent().lock());
    agent().answer_prompts({SoftHsm::pin});
    place().write("authorized", public_keys("ssh-rsa"));
    EXPECT_EQ(agent().prompts(), 0) << "listing needs no PIN";
    EXPECT_EQ(ssh("true").exit_status, 0);
    EXPECT_EQ(agent().prompts(), 1);
    EXPECT_THAT(agent().prompt_log(), HasSubstr("Asked for by ssh (pid "));
}

TEST_F(Ssh, DoesNotLogInWithAKeyThatIsNotAuthorized) {
    place().write("authorized", "");
    EXPECT_NE(ssh("true").exit_status, 0);
}

TEST_F(Ssh, SignsAFileWithAKeyOnTheToken) {
    place().write("key.pub", public_keys("ecdsa-sha2-nistp256"));
    place().write("allowed", "alice " + place().read("key.pub"));
    // ssh-keygen -Y reaches the token through ssh-agent alone.
    succeed({"sh", "-c",
             "eval $(ssh-agent -P '*') >/dev/null; ssh-add -q -s \"$1\" "
             "</dev/null && ssh-keygen -q -Y sign -f key.pub -n file message; "
             "status=$?; ssh-agent -k >/dev/null; exit $status",
             "sh", pkcs11_module()},
            {}, {{"SSH_ASKPASS_REQUIRE", "force"}, {"SSH_ASKPASS", "/bin/true"}});
    succeed({"ssh-keygen", "-q", "-Y", "verify", "-f", "allowed", "-I", "alice", "-n", "file", "-s",
             "message.sig"},
            place().read("message"));
}

}  // namespace
}  // namespace signet::test
