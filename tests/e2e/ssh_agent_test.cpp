// signet-ssh-agent between a real signet-agent and OpenSSH's own programs.
#include "tests/e2e/ssh_server.h"
#include "tests/e2e/workplace.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <optional>
#include <sstream>

namespace signet::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class SshAgent : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        SIGNET_REQUIRE_PROGRAM("ssh");
        SIGNET_REQUIRE(SshServer::available(), "openssh-server");
        m_place.emplace();
        place().add_identity("rsa:2048", "01", "rsa@example.test", CertificateUsage::authenticate);
        place().add_identity("EC:prime256v1", "02", "ec@example.test", CertificateUsage::authenticate);
        place().add_identity("EC:prime256v1", "03", "mail@example.test");
        agent().softhsm().generate_key(Workplace::token, "EC:edwards25519", "04", "edwards");
        place().start();
        place().write("message", "A message to sign.\n");
        m_server.emplace(place());
    }

    void start(const std::string& settings = {}) {
        place().write("ssh.toml", settings);
        m_ssh_agent = std::make_unique<BackgroundProcess>(
            std::vector<std::string>{program("signet-ssh-agent"), "--config", place().path("ssh.toml"),
                                     "--socket", socket_path(), "--forward-socket", forward_socket_path()},
            agent().variables(), place().path("ssh-agent.log"));
        ASSERT_TRUE(eventually([this] { return run({"ssh-add", "-l"}).exit_status != 2; })) << log();
    }

    ~SshAgent() override {
        if (m_ssh_agent) {
            EXPECT_EQ(m_ssh_agent->stop(), 0) << log();
            expect_no_sanitizer_report(log());
        }
    }

    [[nodiscard]] Workplace& place() { return *m_place; }
    [[nodiscard]] RunningAgent& agent() { return m_place->agent(); }
    [[nodiscard]] BackgroundProcess& ssh_agent() { return *m_ssh_agent; }
    [[nodiscard]] SshServer& server() { return *m_server; }
    [[nodiscard]] std::string log() { return place().read("ssh-agent.log"); }
    [[nodiscard]] std::string socket_path() { return place().path("run/ssh.sock"); }
    [[nodiscard]] std::string forward_socket_path() { return place().path("run/ssh-forward.sock"); }

    ProcessResult run(const std::vector<std::string>& command, const std::string& socket = {}) {
        return place().run(command, {},
                           {{"SSH_AUTH_SOCK", socket.empty() ? socket_path() : socket},
                            {"SSH_ASKPASS", "/bin/echo"},
                            {"SSH_ASKPASS_REQUIRE", "force"}});
    }
    // What ssh-add -L says of keys of this type.
    std::string public_keys(const std::string& type = {}, const std::string& socket = {}) {
        std::istringstream all(run({"ssh-add", "-L"}, socket).output);
        std::string found;
        for (std::string line; std::getline(all, line);) {
            found += line.starts_with(type + (type.empty() ? "" : " ")) ? line + "\n" : "";
        }
        return found;
    }
    ProcessResult ssh(const std::string& command, const std::vector<std::string>& options = {},
                      const std::string& socket = {}) {
        auto call = server().login(options);
        call.push_back(command);
        return run(call, socket);
    }

  private:
    std::optional<Workplace> m_place;
    std::optional<SshServer> m_server;
    std::unique_ptr<BackgroundProcess> m_ssh_agent;
};

TEST_F(SshAgent, ListsTheKeysThatMayAuthenticateAndNoOthers) {
    start();
    const auto keys = public_keys();
    EXPECT_THAT(keys, HasSubstr("rsa@example.test"));
    EXPECT_THAT(keys, HasSubstr("ec@example.test"));
    EXPECT_THAT(keys, HasSubstr("edwards"));
    EXPECT_THAT(keys, Not(HasSubstr("mail@example.test")));
    EXPECT_THAT(run({"ssh-add", "-l"}).output, HasSubstr("2048 SHA256:"));
}

TEST_F(SshAgent, LogsInWithEachTypeOfKey) {
    start();
    for (const std::string type : {"ssh-rsa", "ecdsa-sha2-nistp256", "ssh-ed25519"}) {
        const auto keys = public_keys(type);
        ASSERT_FALSE(keys.empty()) << type;
        server().authorize(keys);
        const auto result = ssh("echo logged in");
        EXPECT_EQ(result.exit_status, 0) << type << result.error_output << log();
        EXPECT_THAT(result.output, HasSubstr("logged in")) << type;
    }
}

}  // namespace
}  // namespace signet::test
