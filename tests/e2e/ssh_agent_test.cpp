// signet-ssh-agent between a real signet-agent and OpenSSH's own programs.
#include "base/file_descriptor.h"
#include "ipc/listener.h"
#include "ssh/server.h"
#include "tests/e2e/ssh_server.h"
#include "tests/e2e/workplace.h"
#include "tests/support/requirements.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <csignal>
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
        place().add_identity("EC:secp384r1", "05", "large@example.test", CertificateUsage::authenticate);
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

    ProcessResult run(const std::vector<std::string>& command, const std::string& socket = {},
                      Variables variables = {}) {
        variables.insert({{"SSH_AUTH_SOCK", socket.empty() ? socket_path() : socket},
                          {"SSH_ASKPASS", "/bin/echo"},
                          {"SSH_ASKPASS_REQUIRE", "force"}});
        return place().run(command, {}, variables);
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
    for (const std::string type : {"ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ssh-ed25519"}) {
        const auto keys = public_keys(type);
        ASSERT_FALSE(keys.empty()) << type;
        server().authorize(keys);
        const auto result = ssh("echo logged in");
        EXPECT_EQ(result.exit_status, 0) << type << result.error_output << log();
        EXPECT_THAT(result.output, HasSubstr("logged in")) << type;
    }
}

TEST_F(SshAgent, SignsFilesWithEachTypeOfKey) {
    start();
    for (const std::string type : {"ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ssh-ed25519"}) {
        place().write("key.pub", public_keys(type));
        place().write("allowed", "alice " + place().read("key.pub"));
        const auto made = run({"ssh-keygen", "-q", "-Y", "sign", "-f", "key.pub", "-n", "file", "message"});
        ASSERT_EQ(made.exit_status, 0) << type << made.error_output << log();
        const auto checked = place().run({"ssh-keygen", "-q", "-Y", "verify", "-f", "allowed", "-I", "alice",
                                          "-n", "file", "-s", "message.sig"},
                                         place().read("message"));
        EXPECT_EQ(checked.exit_status, 0) << type << checked.output << checked.error_output;
        std::filesystem::remove(place().path("message.sig"));
    }
}

TEST_F(SshAgent, SignsForRsaWithBothHashesAndRefusesSha1) {
    start();
    server().authorize(public_keys("ssh-rsa"));
    for (const std::string algorithm : {"rsa-sha2-256", "rsa-sha2-512"}) {
        const auto result = ssh("true", {"-o", "PubkeyAcceptedAlgorithms=" + algorithm});
        EXPECT_EQ(result.exit_status, 0) << algorithm << result.error_output << log();
    }
    const auto refused = ssh("true", {"-o", "PubkeyAcceptedAlgorithms=ssh-rsa"});
    EXPECT_NE(refused.exit_status, 0);
    EXPECT_THAT(refused.error_output, HasSubstr("agent refused operation"));
    EXPECT_THAT(log(), HasSubstr("RSA with SHA-1"));
}

TEST_F(SshAgent, IsBoundToTheSessionByEachTypeOfHostKey) {
    start();
    for (const std::string type : {"rsa", "ecdsa", "ed25519"}) {
        const SshServer other(place(), type);
        other.authorize(public_keys("ecdsa-sha2-nistp256"));
        const auto result = ssh("true", {"-v"});
        EXPECT_EQ(result.exit_status, 0) << type << result.error_output << log();
        EXPECT_THAT(result.error_output, HasSubstr("bound agent to hostkey")) << type << log();
    }
}

TEST_F(SshAgent, SignsNothingElse) {
    start();
    place().write("key.pub", public_keys("ecdsa-sha2-nistp256"));
    EXPECT_NE(run({"ssh-add", "-T", "key.pub"}).exit_status, 0) << "random octets";
    EXPECT_THAT(log(), HasSubstr("neither an SSH authentication nor an SSH file signature"));
}

TEST_F(SshAgent, RefusesToBeAdministered) {
    start();
    const auto before = public_keys();
    ASSERT_EQ(run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "new"}).exit_status, 0);
    place().write("key.pub", public_keys("ecdsa-sha2-nistp256"));
    for (const std::vector<std::string>& options :
         std::vector<std::vector<std::string>>{{"new"},
                                               {"-c", "new"},
                                               {"-d", "key.pub"},
                                               {"-D"},
                                               {"-x"},
                                               {"-X"},
                                               {"-s", pkcs11_module()},
                                               {"-e", pkcs11_module()}}) {
        std::vector<std::string> command{"ssh-add"};
        command.insert(command.end(), options.begin(), options.end());
        EXPECT_NE(run(command).exit_status, 0) << options.front();
    }
    EXPECT_EQ(public_keys(), before);
}

TEST_F(SshAgent, HasThePinAskedForInTheNameOfItsClient) {
    start();
    server().authorize(public_keys("ssh-rsa"));
    ASSERT_TRUE(agent().lock());
    agent().answer_prompts({SoftHsm::pin});
    EXPECT_EQ(ssh("true").exit_status, 0) << log();
    EXPECT_EQ(agent().prompts(), 1);
    EXPECT_THAT(agent().prompt_log(), testing::ContainsRegex("Asked for by ssh \\(pid [0-9]+\\) through "
                                                             "signet-ssh-agent \\(pid [0-9]+\\), "
                                                             "to log in as \"[^\"]+\"\\."));
}

TEST_F(SshAgent, HasThePersonAskedWhereItsClientRuns) {
    start("confirm = true\n[forward]\nkeys = [\"ec@example.test\"]\n");
    place().write("key.pub", public_keys("ecdsa-sha2-nistp256"));
    const std::vector<std::string> sign{"ssh-keygen", "-q", "-Y",   "sign",   "-f",
                                        "key.pub",    "-n", "file", "message"};
    const Variables terminal{{"GPG_TTY", "/dev/pts/4711"}, {"LC_ALL", "C"}};
    agent().answer_prompts({"yes"});
    EXPECT_EQ(run(sign, {}, terminal).exit_status, 0) << log();
    EXPECT_THAT(agent().prompt_log(), HasSubstr("OPTION ttyname=/dev/pts/4711"));
    const auto before = agent().prompt_log().size();
    EXPECT_NE(run(sign, forward_socket_path(), terminal).exit_status, 0);
    EXPECT_EQ(agent().questions(), 2);
    EXPECT_THAT(agent().prompt_log().substr(before), Not(HasSubstr("ttyname=/dev/pts/4711")))
        << "the other machine reads it";
}

TEST_F(SshAgent, AsksBeforeEachUseOfAKeyThatIsListedForThat) {
    start("confirm = [\"ec@example.test\"]\n");
    server().authorize(public_keys("ecdsa-sha2-nistp256"));
    agent().answer_prompts({"yes", "yes"});
    EXPECT_EQ(ssh("true").exit_status, 0) << log() << agent().log();
    EXPECT_EQ(ssh("true").exit_status, 0) << log();
    EXPECT_EQ(agent().questions(), 2);
    EXPECT_THAT(agent().prompt_log(),
                HasSubstr("May the key of ec@example.test on the token \"tok\" be used to sign"));
    EXPECT_NE(ssh("true").exit_status, 0) << "refused by the person";
    EXPECT_EQ(agent().questions(), 3);
    server().authorize(public_keys("ssh-rsa"));
    EXPECT_EQ(ssh("true", {"-o", "PubkeyAcceptedAlgorithms=rsa-sha2-256"}).exit_status, 0);
    EXPECT_EQ(agent().questions(), 3) << "another key";
}

TEST_F(SshAgent, AsksBeforeEveryUseWhereTheSettingsSaySo) {
    start("confirm = true\n");
    server().authorize(public_keys("ssh-ed25519"));
    agent().answer_prompts({"yes"});
    EXPECT_EQ(ssh("true", {"-o", "PubkeyAcceptedAlgorithms=ssh-ed25519"}).exit_status, 0) << log();
    EXPECT_EQ(agent().questions(), 1);
}

TEST_F(SshAgent, TakesTheQuestionAwayWhenItsClientGoes) {
    start("confirm = true\n");
    server().authorize(public_keys("ssh-ed25519"));
    agent().answer_prompts({"wait", "yes"});
    auto call = server().login({});
    call.emplace_back("true");
    {
        const BackgroundProcess leaving(call, {{"SSH_AUTH_SOCK", socket_path()}}, place().path("ssh.log"));
        ASSERT_TRUE(eventually([this] { return agent().questions() == 1; })) << place().read("ssh.log");
    }
    EXPECT_EQ(ssh("true", {"-o", "PubkeyAcceptedAlgorithms=ssh-ed25519"}).exit_status, 0)
        << log() << agent().log();
    EXPECT_EQ(agent().questions(), 2);
}

TEST_F(SshAgent, OffersAMailKeyWhereTheSettingsAddIt) {
    start("additional_keys = [\"mail@example.test\"]\n");
    const auto keys = public_keys();
    ASSERT_THAT(keys, HasSubstr("mail@example.test"));
    server().authorize(keys);
    EXPECT_EQ(ssh("true").exit_status, 0) << log();
}

TEST_F(SshAgent, GoesOnWithAnAgentThatWasStartedAnew) {
    start();
    const auto before = public_keys();
    agent().stop();
    EXPECT_THAT(run({"ssh-add", "-l"}).error_output, HasSubstr("agent refused operation"));
    agent().start();
    place().unlock();
    EXPECT_EQ(public_keys(), before);
    server().authorize(before);
    EXPECT_EQ(ssh("true").exit_status, 0) << log();
}

TEST_F(SshAgent, ReadsItsSettingsAnewWhenItIsToldTo) {
    start();
    place().write("ssh.toml", "additional_keys = [\"mail@example.test\"]\n");
    ssh_agent().signal(SIGHUP);
    EXPECT_TRUE(eventually([this] { return public_keys().find("mail@example.test") != std::string::npos; }));
    place().write("ssh.toml", "unknown = 1\n");
    ssh_agent().signal(SIGHUP);
    EXPECT_TRUE(
        eventually([this] { return log().find("ssh.toml:1: unknown key unknown") != std::string::npos; }));
    EXPECT_THAT(public_keys(), HasSubstr("mail@example.test"));
}

FileDescriptor connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    return socket;
}

// What comes back, up to the end or the first 4 KiB.
std::string answer(const FileDescriptor& socket) {
    std::string octets(4096, '\0');
    const ssize_t count = recv(socket.get(), octets.data(), octets.size(), 0);
    octets.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return octets;
}

void send_octets(const FileDescriptor& socket, std::string_view octets) {
    EXPECT_EQ(send(socket.get(), octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
}

TEST_F(SshAgent, LetsNoClientHoldUpAnother) {
    start();
    std::vector<FileDescriptor> slow;
    for (std::size_t i = 0; i < ssh::Server::max_connections_of_process; ++i) {
        slow.push_back(connect_to(socket_path()));
        send_octets(slow.back(), std::string_view("\0\0\1", 3));
    }
    EXPECT_EQ(run({"ssh-add", "-l"}).exit_status, 0);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(answer(connect_to(socket_path())), "") << "one too many of this process";
    }
    ASSERT_THAT(log(), HasSubstr("too many connections"));
    EXPECT_EQ(log().find("too many connections"), log().rfind("too many connections")) << "told once";
    slow.pop_back();
    EXPECT_TRUE(eventually([this] {
        const auto next = connect_to(socket_path());
        // Refused, and so not to be sent to, for as long as the ended one counts.
        const bool is_sent = send(next.get(), "\0\0\0\1\x17", 5, MSG_NOSIGNAL) == 5;
        return is_sent && answer(next) == std::string_view("\0\0\0\1\5", 5);
    }));
}

TEST_F(SshAgent, AnswersAClientThatHasNothingMoreToSay) {
    start();
    const auto client = connect_to(socket_path());
    send_octets(client, std::string_view("\0\0\0\1\x0b", 5));
    ASSERT_EQ(shutdown(client.get(), SHUT_WR), 0);
    EXPECT_THAT(answer(client), HasSubstr("rsa@example.test")) << log();
}

TEST_F(SshAgent, OutlivesClientsThatSendNonsense) {
    start();
    for (const std::string_view octets :
         {std::string_view("\0\0\0\0", 4), std::string_view("\xff\xff\xff\xff", 4),
          std::string_view("\0\4\0\1", 4)}) {
        const auto client = connect_to(socket_path());
        send_octets(client, octets);
        EXPECT_EQ(answer(client), "");
    }
    const auto client = connect_to(socket_path());
    for (int type = 0; type < 256; ++type) {
        const std::string message{'\0', '\0', '\0', '\1', static_cast<char>(type)};
        send_octets(client, message);
        EXPECT_EQ(answer(client).empty(), false) << type;
    }
    EXPECT_EQ(run({"ssh-add", "-l"}).exit_status, 0) << log();
}

TEST_F(SshAgent, TakesItsSocketsFromSystemd) {
    SIGNET_REQUIRE_PROGRAM("systemd-socket-activate");
    place().write("ssh.toml", "[forward]\nkeys = [\"ec@example.test\"]\n");
    auto variables = agent().variables();
    variables["XDG_CONFIG_HOME"] = place().path("none");
    BackgroundProcess activated(
        {"systemd-socket-activate", "--listen=" + place().path("a"), "--listen=" + place().path("b"),
         "--fdname=ssh:forward", "-E", "SIGNET_SOCKET", program("signet-ssh-agent"), "--config",
         place().path("ssh.toml")},
        variables, place().path("ssh-agent.log"));
    EXPECT_TRUE(eventually([this] { return !public_keys("ssh-rsa", place().path("a")).empty(); })) << log();
    const auto forwarded = public_keys({}, place().path("b"));
    EXPECT_THAT(forwarded, HasSubstr("ec@example.test"));
    EXPECT_THAT(forwarded, Not(HasSubstr("rsa@example.test")));
    EXPECT_EQ(activated.stop(), 0) << log();
}

TEST_F(SshAgent, LeavesTheNextClientToItsNewProgramWhenNobodyElseIsConnected) {
    constexpr std::string_view list_keys("\0\0\0\1\x0b", 5);
    const auto installed = place().path("signet-ssh-agent");
    std::filesystem::copy_file(program("signet-ssh-agent"), installed);
    place().write("ssh.toml", "");
    const auto socket_of_systemd = place().path("activated");
    auto listener = ipc::Listener::make(socket_of_systemd);
    ASSERT_TRUE(listener);
    const FileDescriptor systemd = listener->take_socket();
    fcntl(systemd.get(), F_SETFD, 0);
    BackgroundProcess activated(
        {"sh", "-c",
         "exec 3<&" + std::to_string(systemd.get()) + "; LISTEN_PID=$$ LISTEN_FDS=1 exec " + installed +
             " --config " + place().path("ssh.toml")},
        agent().variables(), place().path("ssh-agent.log"));
    {
        const auto client = connect_to(socket_of_systemd);
        send_octets(client, list_keys);
        EXPECT_THAT(answer(client), HasSubstr("rsa@example.test")) << log();
        std::filesystem::copy_file(installed, installed + ".new");
        std::filesystem::rename(installed + ".new", installed);
        const auto further = connect_to(socket_of_systemd);
        send_octets(further, list_keys);
        EXPECT_THAT(answer(further), HasSubstr("rsa@example.test")) << log();
    }
    EXPECT_TRUE(eventually([&] {
        const auto next = connect_to(socket_of_systemd);
        return !activated.running();
    }));
    EXPECT_EQ(activated.stop(), 0) << log();
    EXPECT_TRUE(FileDescriptor(accept(systemd.get(), nullptr, nullptr)).valid()) << "a client waits";
}

TEST_F(SshAgent, SaysWhichSettingIsWrongAndDoesNotStart) {
    place().write("ssh.toml", "\nallow = true\n");
    const auto result = place().run(
        {program("signet-ssh-agent"), "--config", place().path("ssh.toml"), "--socket", socket_path()});
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_THAT(result.error_output, HasSubstr("ssh.toml:2: unknown key allow"));
}

TEST_F(SshAgent, StartsOnceOnASocket) {
    start();
    const auto second = place().run(
        {program("signet-ssh-agent"), "--config", place().path("ssh.toml"), "--socket", socket_path()});
    EXPECT_EQ(second.exit_status, 3);
    EXPECT_THAT(second.error_output, HasSubstr("already listens on " + socket_path()));
}

// Agent forwarding: the other machine sees what the settings list for it, and each use is confirmed.
class ForwardedSshAgent : public SshAgent {
  protected:
    void SetUp() override {
        SshAgent::SetUp();
        if (IsSkipped() || HasFatalFailure()) {
            return;
        }
        start("[forward]\nkeys = [\"ec@example.test\"]\n");
        server().authorize(public_keys());
    }
    // On the other machine, from which a further one can be reached. The keys of the first login need no
    // consent.
    ProcessResult there(const std::string& command) { return ssh(command, {"-A"}); }
    std::string second_hop() {
        auto call = server().login({});
        std::string line;
        for (const auto& word : call) {
            std::string quoted = word;
            for (std::size_t at = 0; (at = quoted.find('\'', at)) != std::string::npos; at += 4) {
                quoted.replace(at, 1, "'\\''");
            }
            line += "'" + quoted + "' ";
        }
        return line + "echo two hops";
    }
};

TEST_F(ForwardedSshAgent, ShowsOnlyTheKeysThatAreListed) {
    const auto keys = there("ssh-add -L");
    EXPECT_EQ(keys.exit_status, 0) << keys.error_output << log();
    EXPECT_THAT(keys.output, HasSubstr("ec@example.test"));
    EXPECT_THAT(keys.output, Not(HasSubstr("rsa@example.test")));
    EXPECT_EQ(public_keys({}, forward_socket_path()), public_keys("ecdsa-sha2-nistp256"));
}

TEST_F(ForwardedSshAgent, LogsInToAFurtherMachineWhenThePersonSaysYes) {
    agent().answer_prompts({"yes"});
    const auto result = there(second_hop());
    EXPECT_EQ(result.exit_status, 0) << result.error_output << log();
    EXPECT_THAT(result.output, HasSubstr("two hops"));
    EXPECT_EQ(agent().questions(), 1);
    EXPECT_THAT(agent().prompt_log(), HasSubstr(", for another machine, to log in as \""));
    EXPECT_NE(there(second_hop()).exit_status, 0) << "and not when the person does not";
    EXPECT_EQ(agent().questions(), 2);
}

TEST_F(ForwardedSshAgent, AsksOnceAndNotAgainWhenTheOtherMachineInsists) {
    EXPECT_NE(there(second_hop() + " || " + second_hop()).exit_status, 0);
    EXPECT_EQ(agent().questions(), 1);
    EXPECT_THAT(log(), HasSubstr("refused a moment ago"));
}

TEST_F(ForwardedSshAgent, NeverHasThePinAskedFor) {
    const auto key = public_keys("ecdsa-sha2-nistp256");
    place().write("key.pub", key);
    ASSERT_TRUE(agent().lock());
    agent().answer_prompts({"yes", SoftHsm::pin, SoftHsm::pin});
    const auto refused = run({"ssh-keygen", "-q", "-Y", "sign", "-f", "key.pub", "-n", "file", "message"},
                             forward_socket_path());
    EXPECT_NE(refused.exit_status, 0);
    EXPECT_EQ(agent().prompts(), 0);
    EXPECT_EQ(agent().questions(), 0);
    EXPECT_THAT(log(), HasSubstr("PinRequired"));
}

TEST_F(ForwardedSshAgent, SignsAFileOnTheSocketForOtherMachinesWhenThePersonSaysYes) {
    place().write("key.pub", public_keys("ecdsa-sha2-nistp256"));
    const std::vector<std::string> sign{"ssh-keygen", "-q", "-Y",   "sign",   "-f",
                                        "key.pub",    "-n", "file", "message"};
    agent().answer_prompts({"yes"});
    EXPECT_EQ(run(sign, forward_socket_path()).exit_status, 0) << log();
    EXPECT_EQ(agent().questions(), 1);
    EXPECT_THAT(agent().prompt_log(), HasSubstr(", for another machine, to sign a file for \"file\"."));
    EXPECT_NE(run({"ssh-add", "-D"}, forward_socket_path()).exit_status, 0);
}

TEST_F(ForwardedSshAgent, IsReachedFromAMachineToWhichItsSocketIsForwarded) {
    const auto remote = place().path("remote.sock");
    const auto result =
        ssh("SSH_AUTH_SOCK=" + remote + " ssh-add -L", {"-R", remote + ":" + forward_socket_path()});
    EXPECT_EQ(result.exit_status, 0) << result.error_output << log();
    EXPECT_THAT(result.output, HasSubstr("ec@example.test"));
    EXPECT_THAT(result.output, Not(HasSubstr("rsa@example.test")));
}

}  // namespace
}  // namespace signet::test
