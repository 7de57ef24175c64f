// OpenSSH: ssh -I and ssh-keygen -D, before a real sshd that speaks through a pipe.
#include "tests/clients/client_test.h"
#include "tests/e2e/ssh_server.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

#include <sstream>

namespace signet::test {
namespace {

using testing::HasSubstr;

class Ssh : public ClientTest {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("ssh");
        SIGNET_REQUIRE(SshServer::available(), "openssh-server");
        ClientTest::SetUp();
        m_server.emplace(place());
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
        return place().run(
            joined(m_server->login({"-I", pkcs11_module(), "-o", "IdentityAgent=none"}), {command}));
    }

    std::optional<SshServer> m_server;
};

TEST_F(Ssh, LogsInWithAnRsaAndWithAnEcKey) {
    for (const std::string type : {"ssh-rsa", "ecdsa-sha2-nistp256"}) {
        const auto keys = public_keys(type);
        ASSERT_FALSE(keys.empty()) << type;
        m_server->authorize(keys);
        const auto result = ssh("echo logged in");
        EXPECT_EQ(result.exit_status, 0) << type << result.error_output;
        EXPECT_THAT(result.output, HasSubstr("logged in")) << type;
    }
}

TEST_F(Ssh, IsAskedForThePinByTheAgent) {
    ASSERT_TRUE(agent().lock());
    agent().answer_prompts({SoftHsm::pin});
    m_server->authorize(public_keys("ssh-rsa"));
    EXPECT_EQ(agent().prompts(), 0) << "listing needs no PIN";
    EXPECT_EQ(ssh("true").exit_status, 0);
    EXPECT_EQ(agent().prompts(), 1);
    EXPECT_THAT(agent().prompt_log(), HasSubstr("Asked for by ssh (pid "));
}

TEST_F(Ssh, DoesNotLogInWithAKeyThatIsNotAuthorized) {
    m_server->authorize("");
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
