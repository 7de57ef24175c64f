#include "ipc/codec.h"
#include "tests/support/agent.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <thread>

namespace signet::test {
namespace {

using testing::HasSubstr;

// An agent over a module that does to a call what the test says.
class FaultyModule : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        fault("");
        m_agent = std::make_unique<RunningAgent>(
            AgentOptions{.module = SIGNET_BUILD_DIR "/tests/signet-test-module.so",
                         .variables = {{"SIGNET_TEST_FAULT_FILE", m_folder / "fault"}}});
        m_agent->softhsm().init_token("tok");
        m_agent->softhsm().generate_key("tok", "EC:prime256v1", "01", "key");
        m_agent->start();
        m_use = m_agent->use("key");
    }

    void fault(const std::string& name) {
        write_file(m_folder / "fault.new", name);
        std::filesystem::rename(m_folder / "fault.new", m_folder / "fault");
    }

    Result<Bytes> sign() {
        auto client = m_agent->client();
        return RunningAgent::sign(client, m_use);
    }

    void kill_host() const {
        const auto children = run_checked({"pgrep", "-P", std::to_string(m_agent->process().pid())});
        kill(std::stoi(children), SIGKILL);
    }

    TemporaryDirectory m_folder;
    std::unique_ptr<RunningAgent> m_agent;
    ipc::KeyUse m_use;
};

TEST_F(FaultyModule, ThatCrashesCostsOneCallAndNoPrompt) {
    ASSERT_TRUE(m_agent->unlock());
    fault("segfault");
    const auto result = sign();
    EXPECT_EQ(result.error().code, ErrorCode::driver_failed);
    EXPECT_THAT(result.error().detail, HasSubstr("ended by signal 11"));
    fault("");
    EXPECT_EQ(outcome(sign()), "good") << "with the cached PIN: " << m_agent->log();
    EXPECT_EQ(m_agent->prompts(), 0);
}

TEST_F(FaultyModule, ThatExitsCostsOneCall) {
    ASSERT_TRUE(m_agent->unlock());
    fault("exit");
    const auto result = sign();
    EXPECT_EQ(result.error().code, ErrorCode::driver_failed);
    EXPECT_THAT(result.error().detail, HasSubstr("exited with status 3"));
    fault("");
    EXPECT_EQ(outcome(sign()), "good");
}

TEST_F(FaultyModule, GetsTheCachedPinOnceAndThenThePersonIsAsked) {
    ASSERT_TRUE(m_agent->unlock());
    for (int i = 0; i < 2; ++i) {
        fault("exit");
        EXPECT_FALSE(sign());
    }
    fault("");
    m_agent->answer_prompts({SoftHsm::pin});
    EXPECT_EQ(outcome(sign()), "good");
    EXPECT_EQ(m_agent->prompts(), 1);
}

TEST_F(FaultyModule, ThatHangsIsEndedAtTheDeadline) {
    ASSERT_TRUE(m_agent->unlock());
    fault("hang");
    const auto result = sign();
    EXPECT_EQ(result.error().code, ErrorCode::timeout);
    EXPECT_THAT(result.error().detail, HasSubstr("did not answer Sign within 10 s"));
    fault("");
    EXPECT_EQ(outcome(sign()), "good");
}

TEST_F(FaultyModule, ThatHangsDoesNotKeepOthersFromBeingAnswered) {
    ASSERT_TRUE(m_agent->unlock());
    fault("hang");
    std::thread hanging([this] { EXPECT_FALSE(sign()); });
    auto client = m_agent->client();
    EXPECT_TRUE(client.call("org.varlink.service.GetInfo", "{}"));
    EXPECT_TRUE(client.call("org.signet.agent.Lock", "{}"));
    kill_host();
    hanging.join();
}

TEST_F(FaultyModule, WithNonsenseForASignatureIsAnError) {
    ASSERT_TRUE(m_agent->unlock());
    for (const auto* name : {"long-signature", "short-signature"}) {
        fault(name);
        EXPECT_EQ(sign().error().code, ErrorCode::driver_failed) << name;
    }
    fault("");
    EXPECT_EQ(outcome(sign()), "good");
}

TEST_F(FaultyModule, WithNonsenseForObjectsIsAnErrorOrAnEmptyList) {
    for (const auto* name : {"endless-slots", "endless-objects", "too-many-objects", "long-attributes",
                             "unavailable-attributes", "garbage-attributes", "garbage-names"}) {
        fault(name);
        EXPECT_NO_THROW(m_agent->tokens()) << name;
    }
    fault("");
    EXPECT_EQ(m_agent->tokens().size(), 1U);
}

TEST_F(FaultyModule, WhoseTokenIsPulledOutSaysSoAndForgetsThePin) {
    ASSERT_TRUE(m_agent->unlock());
    fault("removed");
    EXPECT_EQ(sign().error().code, ErrorCode::token_removed);
    EXPECT_TRUE(m_agent->tokens().empty());
    EXPECT_EQ(sign().error().code, ErrorCode::token_removed);
    fault("");
    ASSERT_EQ(m_agent->tokens().size(), 1U);
    EXPECT_FALSE(m_agent->tokens()[0].unlocked);
    m_agent->answer_prompts({SoftHsm::pin});
    EXPECT_EQ(outcome(sign()), "good");
    EXPECT_EQ(m_agent->prompts(), 1);
}

TEST_F(FaultyModule, TellsWatchersOfATokenThatComesAndGoes) {
    auto watcher = m_agent->client();
    ASSERT_TRUE(watcher.call_more("org.signet.agent.Watch", "{}"));
    const auto next_kind = [&] {
        const auto reply = watcher.next_reply(std::chrono::steady_clock::now() + std::chrono::seconds(20));
        const auto decoded = ipc::decode_watch_reply(reply.value().parameters);
        return decoded->change ? std::string(name_of(decoded->change->kind)) : "none";
    };
    EXPECT_EQ(next_kind(), "none");
    fault("removed");
    EXPECT_EQ(next_kind(), "token_removed");
    fault("");
    EXPECT_EQ(next_kind(), "token_inserted");
}

TEST_F(FaultyModule, WhoseTokenSaysThatThePinIsBlockedIsNotAskedTwice) {
    fault("pin-locked");
    m_agent->answer_prompts({SoftHsm::pin, SoftHsm::pin});
    EXPECT_EQ(sign().error().code, ErrorCode::pin_blocked);
    EXPECT_EQ(m_agent->prompts(), 1);
    EXPECT_EQ(m_agent->unlock().error().code, ErrorCode::pin_blocked);
}

TEST_F(FaultyModule, ThatCountsDownShowsTheLastTryAndThenStops) {
    fault("pin-countdown");
    ASSERT_EQ(m_agent->tokens().size(), 1U);
    m_agent->answer_prompts({"999999", "888888", "777777", "666666"});
    EXPECT_EQ(sign().error().code, ErrorCode::pin_blocked);
    EXPECT_EQ(m_agent->prompts(), 3) << "three tries, each asked for";
    EXPECT_THAT(m_agent->prompt_log(), HasSubstr("One try is left"));
    EXPECT_EQ(sign().error().code, ErrorCode::pin_blocked);
    EXPECT_EQ(m_agent->prompts(), 3);
}

TEST_F(FaultyModule, IsStartedAgainWhenItsHostIsKilled) {
    ASSERT_TRUE(m_agent->unlock());
    kill_host();
    EXPECT_TRUE(eventually([&] { return sign().has_value(); }));
    EXPECT_EQ(m_agent->prompts(), 0);
}

TEST_F(FaultyModule, ThatRefusesToStartIsReportedAndTriedAgainLater) {
    m_agent->stop();
    fault("refuse-initialize");
    m_agent->start();
    EXPECT_TRUE(m_agent->tokens().empty());
    fault("");
    EXPECT_EQ(m_agent->tokens().size(), 1U);
}

}  // namespace
}  // namespace signet::test
