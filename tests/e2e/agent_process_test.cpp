#include "ipc/codec.h"
#include "tests/support/agent.h"
#include "tests/support/requirements.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <memory>

namespace signet::test {
namespace {

using testing::HasSubstr;

FileDescriptor listening_socket(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(socket.get(), 16), 0);
    return socket;
}

ipc::Deadline in_ten_seconds() {
    return std::chrono::steady_clock::now() + std::chrono::seconds(10);
}

// As systemd does when somebody connects.
std::unique_ptr<BackgroundProcess> activate(const RunningAgent& agent, const std::string& name,
                                            const FileDescriptor& socket) {
    const std::string number = std::to_string(socket.get());
    fcntl(socket.get(), F_SETFD, 0);
    return std::make_unique<BackgroundProcess>(
        std::vector<std::string>{"sh", "-c",
                                 "exec 3<&" + number + "; LISTEN_PID=$$ LISTEN_FDS=1 exec " + program(name) +
                                     " --config " + agent.config().string()},
        agent.variables(), agent.folder() / "log");
}

class AgentProcess : public testing::Test {
  protected:
    void SetUp() override { SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc"); }
};

TEST_F(AgentProcess, KeepsItsSocketToItself) {
    RunningAgent agent;
    agent.start();
    struct stat info {};
    ASSERT_EQ(stat(agent.socket().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
    ASSERT_EQ(stat((agent.folder() / "run").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700U);
}

TEST_F(AgentProcess, RemovesItsSocketWhenItEnds) {
    RunningAgent agent;
    agent.start();
    EXPECT_EQ(agent.process().stop(), 0);
    EXPECT_FALSE(std::filesystem::exists(agent.socket()));
}

TEST_F(AgentProcess, RefusesToListenWhereAnotherAgentDoes) {
    RunningAgent agent;
    agent.start();
    const auto second = run({program("signet-agent"), "--config", agent.config(), "--socket", agent.socket()},
                            {.variables = agent.variables()});
    EXPECT_EQ(second.exit_status, 3);
    EXPECT_THAT(second.error_output, HasSubstr("an agent (pid " + std::to_string(agent.process().pid()) +
                                               ") already listens on " + agent.socket()));
    EXPECT_NO_THROW(agent.tokens()) << "the first goes on";
}

TEST_F(AgentProcess, TakesOverTheSocketOfOneThatWasKilled) {
    RunningAgent agent;
    agent.start();
    agent.process().stop(SIGKILL);
    ASSERT_TRUE(std::filesystem::exists(agent.socket()));
    // A child between fork and exec still holds the listening socket for a moment.
    ASSERT_TRUE(eventually([&agent] { return !ipc::Client::connect(agent.socket()); }));
    agent.start();
    EXPECT_NO_THROW(agent.tokens());
}

TEST_F(AgentProcess, RefusesASocketOnWhichSomebodyElseAnswers) {
    const RunningAgent agent;
    ASSERT_TRUE(std::filesystem::create_directory(agent.folder() / "run"));
    std::filesystem::permissions(agent.folder() / "run", std::filesystem::perms::owner_all);
    const FileDescriptor systemd = listening_socket(agent.socket());
    const auto result = run({program("signet-agent"), "--config", agent.config(), "--socket", agent.socket()},
                            {.variables = agent.variables()});
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_THAT(result.error_output, HasSubstr("another process already listens on " + agent.socket()));
    EXPECT_TRUE(ipc::Client::connect(agent.socket()));
}

TEST_F(AgentProcess, EndsWellWhileCallersWait) {
    RunningAgent agent({.module = SIGNET_BUILD_DIR "/tests/signet-test-module.so",
                        .variables = {{"SIGNET_TEST_FAULT", "hang"}}});
    agent.softhsm().init_token("tok");
    agent.softhsm().generate_key("tok", "EC:prime256v1", "01", "key");
    agent.start();
    const auto use = agent.use("key");
    ASSERT_TRUE(agent.unlock());
    auto signing = agent.client();
    ASSERT_TRUE(signing.call_more(
        "org.signet.agent.Sign",
        ipc::encode(ipc::SignCall{.use = use, .scheme = SignatureScheme::ecdsa, .data = Bytes(32)})));
    auto listing = agent.client();
    ASSERT_TRUE(listing.call_more("org.signet.agent.GetInventory", "{}"));
    auto unlocking = agent.client();
    ASSERT_TRUE(unlocking.call_more("org.signet.agent.Unlock", "{}"));
    EXPECT_NO_THROW(agent.client().call("org.varlink.service.GetInfo", "{}").value());
    EXPECT_EQ(agent.process().stop(), 0) << agent.log();
}

TEST_F(AgentProcess, EndsWellWhileAPromptStands) {
    RunningAgent agent;
    agent.softhsm().init_token("tok");
    agent.softhsm().generate_key("tok", "EC:prime256v1", "01", "key");
    agent.start();
    agent.answer_prompts({"wait"});
    const auto use = agent.use("key");
    auto signing = agent.client();
    ASSERT_TRUE(signing.call_more(
        "org.signet.agent.Sign",
        ipc::encode(ipc::SignCall{.use = use, .scheme = SignatureScheme::ecdsa, .data = Bytes(32)})));
    ASSERT_TRUE(eventually([&] { return agent.prompts() == 1; }));
    EXPECT_EQ(agent.process().stop(), 0) << agent.log();
}

TEST_F(AgentProcess, ServesTheSocketThatSystemdHandsOver) {
    const RunningAgent agent;
    const std::string path = agent.folder() / "activated";
    FileDescriptor socket = listening_socket(path);
    const auto process = activate(agent, "signet-agent", socket);
    socket.close();
    auto client = ipc::Client::connect(path);
    ASSERT_TRUE(client);
    EXPECT_TRUE(client->call("org.varlink.service.GetInfo", "{}"));
}

// A connection that stayed in the queue would have systemd start it again at once, and soon give the socket
// up.
TEST_F(AgentProcess, TurnsClientsAwayWhileItsSettingsAreWrongAndLeavesTheNextToARightOne) {
    for (const std::string name : {"signet-agent", "signet-ssh-agent"}) {
        const RunningAgent agent;
        const std::string path = agent.folder() / "activated";
        const FileDescriptor socket = listening_socket(path);
        write_file(agent.config(), "modul = 1\n");
        const auto wrong = activate(agent, name, socket);
        for (int i = 0; i < 2; ++i) {
            auto refused = ipc::Client::connect(path);
            ASSERT_TRUE(refused) << name;
            EXPECT_EQ(refused->next_reply(in_ten_seconds()).error().code, ErrorCode::agent_unavailable)
                << name;
        }
        write_file(agent.config(), "");
        auto waiting = ipc::Client::connect(path);
        EXPECT_EQ(wrong->wait(std::chrono::seconds(10)), 2) << name;
        EXPECT_THAT(read_file(agent.folder() / "log"), HasSubstr("unknown key modul")) << name;
        pollfd answer{.fd = socket.get(), .events = POLLIN, .revents = 0};
        EXPECT_EQ(poll(&answer, 1, 0), 1) << name << ": nobody is left in the queue";
    }
}

TEST_F(AgentProcess, EndsByItselfWhenNobodyCallsWhileItsSettingsAreWrong) {
    const RunningAgent agent;
    const FileDescriptor socket = listening_socket(agent.folder() / "activated");
    write_file(agent.config(), "modul = 1\n");
    EXPECT_EQ(activate(agent, "signet-agent", socket)->wait(std::chrono::seconds(10)), 2);
}

TEST_F(AgentProcess, NamesFileAndLineOfAWrongSetting) {
    const RunningAgent agent;
    write_file(agent.config(), "[agent]\npin_cash = \"1m\"\n");
    const auto result = run({program("signet-agent"), "--config", agent.config(), "--socket", agent.socket()},
                            {.variables = agent.variables()});
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_THAT(result.error_output, HasSubstr(agent.config().string() + ":2: unknown key agent.pin_cash"));
}

TEST_F(AgentProcess, ReadsItsConfigurationAgainOnSighup) {
    RunningAgent agent({.module = "/nonexistent.so"});
    agent.softhsm().init_token("tok");
    agent.start();
    EXPECT_TRUE(agent.tokens().empty());
    agent.write_config({});
    agent.process().signal(SIGHUP);
    EXPECT_TRUE(eventually([&] { return agent.tokens().size() == 1; })) << agent.log();
}

TEST_F(AgentProcess, KeepsTheOldConfigurationWhenTheNewOneIsWrong) {
    RunningAgent agent;
    agent.softhsm().init_token("tok");
    agent.start();
    write_file(agent.config(), "nonsense = 1\n");
    agent.process().signal(SIGHUP);
    EXPECT_TRUE(
        eventually([&] { return agent.log().find("keeping the old configuration") != std::string::npos; }));
    EXPECT_EQ(agent.tokens().size(), 1U);
}

TEST_F(AgentProcess, TellsWhyAModuleCannotBeUsed) {
    RunningAgent agent({.module = "/nonexistent.so"});
    agent.start();
    auto client = agent.client();
    const auto reply = client.call("org.signet.agent.GetInventory", "{}");
    ASSERT_TRUE(reply);
    const auto inventory = ipc::decode_inventory(reply->parameters);
    ASSERT_EQ(inventory->failures.size(), 1U);
    EXPECT_EQ(inventory->failures[0].module, "softhsm");
    EXPECT_THAT(inventory->failures[0].detail, HasSubstr("/nonexistent.so"));
}

TEST_F(AgentProcess, LeavesNoCoreDump) {
    RunningAgent agent;
    agent.start();
    EXPECT_THAT(read_file("/proc/" + std::to_string(agent.process().pid()) + "/limits"),
                testing::ContainsRegex("Max core file size +0 +0"));
}

TEST_F(AgentProcess, RemembersTheSlotOfATokenAcrossRestarts) {
    RunningAgent agent;
    agent.softhsm().init_token("first");
    agent.start();
    const auto before = agent.tokens();
    agent.stop();
    agent.softhsm().init_token("second");
    agent.start();
    const auto after = agent.tokens();
    ASSERT_EQ(after.size(), 2U);
    for (const auto& token : after) {
        EXPECT_EQ(token.slot, token.id == before.at(0).id ? 0U : 1U);
    }
}

TEST_F(AgentProcess, TellsWatchersWhatHappens) {
    RunningAgent agent;
    agent.softhsm().init_token("tok");
    agent.start();
    const std::string token = agent.tokens().at(0).id;
    auto watcher = agent.client();
    ASSERT_TRUE(watcher.call_more("org.signet.agent.Watch", "{}"));
    const auto next = [&] {
        const auto reply = watcher.next_reply(std::chrono::steady_clock::now() + std::chrono::seconds(20));
        return ipc::decode_watch_reply(reply.value().parameters).value();
    };
    const auto first = next();
    EXPECT_FALSE(first.change);
    ASSERT_TRUE(agent.unlock());
    const auto unlocked = next();
    EXPECT_EQ(unlocked.change->kind, ipc::ChangeKind::token_unlocked);
    EXPECT_EQ(unlocked.change->token, token);
    EXPECT_GT(unlocked.generation, first.generation);
    ASSERT_TRUE(agent.lock());
    EXPECT_EQ(next().change->kind, ipc::ChangeKind::token_locked);
}

TEST_F(AgentProcess, AnswersUnchangedWithoutTheTokens) {
    RunningAgent agent;
    agent.softhsm().init_token("tok");
    agent.start();
    auto client = agent.client();
    const auto full = ipc::decode_inventory(client.call("org.signet.agent.GetInventory", "{}")->parameters);
    const auto again = ipc::decode_inventory(
        client.call("org.signet.agent.GetInventory", ipc::encode_known_generation(full->generation))
            ->parameters);
    EXPECT_TRUE(full->tokens);
    EXPECT_FALSE(again->tokens);
    EXPECT_EQ(again->generation, full->generation);
}

}  // namespace
}  // namespace signet::test
