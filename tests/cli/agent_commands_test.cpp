#include "tests/cli/fake_agent.h"
#include "tests/cli/inventories.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>

namespace signet::test {
namespace {

namespace json = boost::json;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class AgentCommands : public testing::Test {
  protected:
    static ipc::Inventory inventory() {
        TestAuthority authority;
        const auto alice = authority.issue_identity("P-256", "alice@example.org");
        auto work = make_token("Work", {alice});
        work.id = "11111111";
        work.unlocked = true;
        auto spare = make_token("Spare \"quoted\"");
        spare.pin = ipc::PinState::final_try;
        spare.slot.reset();
        spare.keys.push_back(key_of(authority.issue_identity("P-256", "bob@example.org")));
        auto result = make_inventory({work, spare});
        result.failures.push_back({"broken", "exited with status 1"});
        return result;
    }
    ProcessResult signet(std::vector<std::string> arguments, const std::string& input = {}) {
        arguments.insert(arguments.begin(), SIGNET_PROGRAM);
        return run(arguments, {.input = input, .variables = m_agent.variables(), .working_directory = {}});
    }

    FakeAgent m_agent{inventory()};
};

TEST_F(AgentCommands, TokensShowsStateModuleAndFailures) {
    const auto result = signet({"tokens"});
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_THAT(result.output,
                HasSubstr("Work            unlocked  PIN ok        module softhsm  slot 1   1 key"));
    EXPECT_THAT(result.output,
                HasSubstr("Spare \"quoted\"  locked    last PIN try  module softhsm  no slot  1 key"));
    EXPECT_THAT(result.output, HasSubstr("module broken failed: exited with status 1"));
}

TEST_F(AgentCommands, TokensPrintsJson) {
    const auto result = signet({"tokens", "--json"});
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    const auto document = json::parse(result.output);
    EXPECT_EQ(document.at("generation").as_int64(), 7);
    EXPECT_EQ(document.at("tokens").at(0).at("unlocked").as_bool(), true);
    EXPECT_EQ(document.at("tokens").at(1).at("label").as_string(), "Spare \"quoted\"");
    EXPECT_TRUE(document.at("tokens").at(1).at("slot").is_null());
    EXPECT_EQ(document.at("failures").at(0).at("module").as_string(), "broken");
}

TEST_F(AgentCommands, KeysPrintsAHeadingAndOneLineForEachKey) {
    const auto result = signet({"keys"});
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_EQ(std::count(result.output.begin(), result.output.end(), '\n'), 3);
    EXPECT_THAT(result.output, StartsWith("CERTIFICATE "));
    EXPECT_THAT(result.output, HasSubstr("ec256  sign,encrypt  alice@example.org  Work"));
    EXPECT_THAT(result.output, HasSubstr("\n-      "));
}

TEST_F(AgentCommands, KeysPrintsJson) {
    const auto result = signet({"keys", "--json"});
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    const auto document = json::parse(result.output);
    const auto& key = document.at("keys").at(0);
    EXPECT_EQ(key.at("key").as_string().size(), 64U);
    EXPECT_EQ(key.at("certificate").at("emails").at(0).as_string(), "alice@example.org");
    EXPECT_EQ(key.at("usage").as_array().size(), 2U);
    EXPECT_TRUE(document.at("keys").at(1).at("certificate").is_null());
}

TEST_F(AgentCommands, UnlockNamesTheTokenByItsLabel) {
    EXPECT_EQ(signet({"unlock", "Work"}).exit_status, 0);
    ASSERT_EQ(m_agent.unlock_calls().size(), 1U);
    EXPECT_EQ(m_agent.unlock_calls().front().token, "11111111");
    EXPECT_FALSE(m_agent.unlock_calls().front().pin);
    EXPECT_TRUE(m_agent.unlock_calls().front().environment);
    // As the subcommands of token name it.
    EXPECT_EQ(signet({"unlock", "--token", "Work"}).exit_status, 0);
    ASSERT_EQ(m_agent.unlock_calls().size(), 2U);
    EXPECT_EQ(m_agent.unlock_calls().back().token, "11111111");
}

TEST_F(AgentCommands, UnlockHandsThePinOverThroughAPipe) {
    const auto result = signet({"unlock", "pkcs11:token=Work", "--pin-fd", "0"}, "123456\n");
    EXPECT_EQ(result.exit_status, 0) << result.error_output;
    EXPECT_EQ(m_agent.received_pin(), "123456");
    EXPECT_EQ(m_agent.unlock_calls().front().pin, 0U);
}

TEST_F(AgentCommands, UnlockWithoutATokenListsThemWhenThereAreSeveral) {
    const auto result = signet({"unlock"});
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_THAT(result.error_output, HasSubstr("  11111111  Work\n"));
    EXPECT_TRUE(m_agent.unlock_calls().empty());
}

TEST_F(AgentCommands, UnlockRefusesADescriptorThatIsNotOpen) {
    const auto result = signet({"unlock", "Work", "--pin-fd", "99"});
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_THAT(result.error_output, HasSubstr("--pin-fd 99: no such descriptor is open"));
}

TEST_F(AgentCommands, UnlockSaysHowManyTriesAreLeft) {
    m_agent.refuse("Unlock",
                   {.code = ErrorCode::pin_incorrect, .operation = {}, .detail = {}, .tries_left = 2});
    const auto result = signet({"unlock", "Work"});
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_THAT(result.error_output, StartsWith("signet: the PIN is wrong; 2 tries are left\n"));
}

TEST_F(AgentCommands, UnlockThatIsCancelledIsNotDone) {
    m_agent.refuse("Unlock", {.code = ErrorCode::cancelled, .operation = {}, .detail = "by the person"});
    const auto result = signet({"unlock", "Work"});
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_THAT(result.error_output, HasSubstr("cancelled: by the person"));
}

TEST_F(AgentCommands, LockForgetsOneTokenOrAll) {
    EXPECT_EQ(signet({"lock"}).exit_status, 0);
    EXPECT_EQ(signet({"lock", "Work"}).exit_status, 0);
    ASSERT_EQ(m_agent.lock_calls().size(), 2U);
    EXPECT_FALSE(m_agent.lock_calls()[0].token);
    EXPECT_EQ(m_agent.lock_calls()[1].token, "11111111");
}

TEST_F(AgentCommands, LockOfAnUnknownTokenIsNotDone) {
    const auto result = signet({"lock", "Nobody"});
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_THAT(result.error_output, HasSubstr("no such token is present: Nobody"));
    EXPECT_TRUE(m_agent.lock_calls().empty());
}

TEST_F(AgentCommands, WatchPrintsEachChange) {
    m_agent.report_changes(
        {{ipc::ChangeKind::token_removed, "11111111"}, {ipc::ChangeKind::token_inserted, "new"}});
    const auto result = signet({"watch"});
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_EQ(result.output, "removed: Work (11111111)\ninserted:  (new)\n");
    EXPECT_THAT(result.error_output, HasSubstr("the end of the test"));
}

TEST_F(AgentCommands, WatchPrintsOneJsonObjectPerLine) {
    m_agent.report_changes(
        {{ipc::ChangeKind::token_unlocked, "11111111"}, {ipc::ChangeKind::pin_blocked, "11111111"}});
    const auto output = signet({"watch", "--json"}).output;
    const auto end = output.find('\n');
    EXPECT_EQ(json::parse(output.substr(0, end)).at("kind").as_string(), "token_unlocked");
    const auto second = json::parse(output.substr(end + 1));
    EXPECT_EQ(second.at("label").as_string(), "Work");
    EXPECT_EQ(second.at("generation").as_int64(), 9);
}

TEST_F(AgentCommands, PrintNoEscapeSequencesIntoAPipe) {
    EXPECT_THAT(signet({"tokens"}).output, testing::Not(HasSubstr("\x1b")));
}

class WithoutAgent : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(WithoutAgent, SaysHowToStartIt) {
    const TemporaryDirectory folder;
    std::vector<std::string> arguments = GetParam();
    arguments.insert(arguments.begin(), SIGNET_PROGRAM);
    const auto result = run(arguments, {.input = "From: alice@example.org\n\ntext\n",
                                        .variables = {{"SIGNET_SOCKET", folder / "none.sock"}},
                                        .working_directory = {}});
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_EQ(result.output, "");
    EXPECT_THAT(result.error_output, HasSubstr("cannot reach the agent: " + (folder / "none.sock").string()));
    EXPECT_THAT(result.error_output,
                HasSubstr("systemctl --user start signet-agent.socket, or: signet-agent"));
}

INSTANTIATE_TEST_SUITE_P(Commands, WithoutAgent,
                         testing::Values(std::vector<std::string>{"tokens"}, std::vector<std::string>{"keys"},
                                         std::vector<std::string>{"unlock"}, std::vector<std::string>{"lock"},
                                         std::vector<std::string>{"watch"}, std::vector<std::string>{"sign"},
                                         std::vector<std::string>{"decrypt"},
                                         std::vector<std::string>{"encrypt", "--to", "bob@example.org"}),
                         [](const auto& instance) { return instance.param.front(); });

}  // namespace
}  // namespace signet::test
