#include "base/secret.h"
#include "ipc/codec.h"
#include "tests/support/agent.h"
#include "tests/support/requirements.h"
#include "x509/openssl.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace signet::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class UnlockingTest : public testing::Test {
  protected:
    void SetUp() override { SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc"); }

    static void add_key(const RunningAgent& agent, const std::string& token = "tok",
                        const std::string& label = "key", bool always_authenticate = false) {
        agent.softhsm().init_token(token);
        agent.softhsm().generate_key(token, "EC:prime256v1", "01", label, always_authenticate);
    }
};

TEST_F(UnlockingTest, AsksOnceAndSaysForWhichTokenAndWhoAsks) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    agent.answer_prompts({SoftHsm::pin});
    ASSERT_TRUE(agent.sign("key")) << agent.log();
    ASSERT_TRUE(agent.sign("key"));
    EXPECT_EQ(agent.prompts(), 1);
    EXPECT_THAT(agent.prompt_log(), HasSubstr("token \"tok\""));
    EXPECT_THAT(agent.prompt_log(), HasSubstr("test-e2e (pid " + std::to_string(getpid()) + ")"));
    EXPECT_THAT(agent.prompt_log(), HasSubstr("OPTION ttyname=/dev/pts/99"));
}

TEST_F(UnlockingTest, AsksAgainInTheSamePinentryAfterAWrongPin) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    agent.answer_prompts({"999999", SoftHsm::pin});
    ASSERT_TRUE(agent.sign("key"));
    EXPECT_EQ(agent.prompts(), 2);
    const std::string log = agent.prompt_log();
    EXPECT_THAT(log, HasSubstr("SETERROR Wrong PIN."));
    EXPECT_EQ(log.find("SETTITLE"), log.rfind("SETTITLE")) << "one pinentry for both";
}

TEST_F(UnlockingTest, NeverTriesARefusedPinAgain) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    agent.answer_prompts({"999999", "cancel"});
    EXPECT_EQ(agent.sign("key").error().code, ErrorCode::cancelled);
    EXPECT_EQ(agent.prompts(), 2);
    EXPECT_FALSE(agent.tokens().at(0).unlocked);
}

TEST_F(UnlockingTest, RemembersACancelForThatProgramUntilThePersonUnlocks) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    agent.answer_prompts({"cancel", SoftHsm::pin});
    EXPECT_EQ(agent.sign("key").error().code, ErrorCode::cancelled);
    EXPECT_EQ(agent.sign("key").error().code, ErrorCode::cancelled);
    EXPECT_EQ(agent.prompts(), 1) << "the second was answered without a prompt";
    auto client = agent.client();
    ASSERT_TRUE(client.call("org.signet.agent.Unlock", "{}"));
    EXPECT_TRUE(agent.sign("key"));
    EXPECT_EQ(agent.prompts(), 2);
}

TEST_F(UnlockingTest, LogsTheTokenOutOnLock) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    ASSERT_TRUE(agent.unlock());
    EXPECT_TRUE(agent.tokens().at(0).unlocked);
    ASSERT_TRUE(agent.sign("key"));
    ASSERT_TRUE(agent.lock());
    EXPECT_FALSE(agent.tokens().at(0).unlocked);
    EXPECT_EQ(agent.sign("key").error().code, ErrorCode::cancelled) << "asked again";
    EXPECT_EQ(agent.prompts(), 1);
}

TEST_F(UnlockingTest, EndsWithTheCacheTime) {
    RunningAgent agent({.pin_cache = "1s"});
    add_key(agent);
    agent.start();
    ASSERT_TRUE(agent.unlock());
    EXPECT_TRUE(eventually([&] { return !agent.tokens().at(0).unlocked; }));
    EXPECT_EQ(agent.sign("key").error().code, ErrorCode::cancelled);
    EXPECT_EQ(agent.prompts(), 1);
}

TEST_F(UnlockingTest, AsksForEveryUseWithoutACache) {
    RunningAgent agent({.pin_cache = "0"});
    add_key(agent);
    agent.start();
    agent.answer_prompts({SoftHsm::pin, SoftHsm::pin});
    ASSERT_TRUE(agent.sign("key"));
    ASSERT_TRUE(agent.sign("key"));
    EXPECT_EQ(agent.prompts(), 2);
}

TEST_F(UnlockingTest, AsksForEachUseOfAPinAlwaysKeyAndSaysForWhat) {
    RunningAgent agent;
    add_key(agent, "tok", "key", true);
    agent.start();
    ASSERT_TRUE(agent.unlock());
    agent.answer_prompts({SoftHsm::pin, "999999", SoftHsm::pin});
    ASSERT_TRUE(agent.sign("key")) << agent.log();
    ASSERT_TRUE(agent.sign("key")) << agent.log();
    EXPECT_EQ(agent.prompts(), 3) << "one, and one wrong with its repetition";
    EXPECT_THAT(agent.prompt_log(), HasSubstr("to sign with the key of key"));
}

// SoftHSM shows private keys, and so this policy, only after login: the first prompt is for the token.
TEST_F(UnlockingTest, AsksForTheTokenAndThenForTheUseOfAPinAlwaysKeyThatIsHidden) {
    RunningAgent agent;
    add_key(agent, "tok", "key", true);
    agent.start();
    agent.answer_prompts({SoftHsm::pin, "999999", SoftHsm::pin, SoftHsm::pin});
    EXPECT_EQ(outcome(agent.sign("key")), "good") << agent.log();
    EXPECT_EQ(agent.prompts(), 3);
    EXPECT_EQ(outcome(agent.sign("key")), "good");
    EXPECT_EQ(agent.prompts(), 4);
}

TEST_F(UnlockingTest, LetsRequestsForOneTokenShareAPrompt) {
    RunningAgent agent({.sessions = 4});
    add_key(agent);
    agent.start();
    const auto use = agent.use("key");
    agent.answer_prompts({"wait"});
    std::vector<std::thread> threads;
    std::vector<ErrorCode> codes(4);
    for (std::size_t i = 0; i < codes.size(); ++i) {
        threads.emplace_back([&agent, &use, &codes, i] {
            auto client = agent.client();
            const auto result = RunningAgent::sign(client, use);
            codes[i] = result ? ErrorCode::protocol : result.error().code;
        });
    }
    EXPECT_TRUE(eventually([&] { return agent.prompts() == 1; }));
    ASSERT_TRUE(agent.lock()) << "others are served while the prompt stands";
    agent.answer_prompts({SoftHsm::pin});
    run_checked({"pkill", "-P", std::to_string(agent.process().pid()), "cat"});
    for (auto& thread : threads) {
        thread.join();
    }
    for (const auto code : codes) {
        EXPECT_EQ(code, ErrorCode::cancelled) << "one pinentry, and its end is that of all";
    }
    EXPECT_EQ(agent.prompts(), 1);
}

TEST_F(UnlockingTest, ServesOtherTokensWhileAPromptStands) {
    RunningAgent agent;
    add_key(agent, "first", "one");
    add_key(agent, "second", "two");
    agent.start();
    const auto one = agent.use("one");
    const auto two = agent.use("two");
    const auto pipe = Secret::copy_of(as_bytes(SoftHsm::pin))->to_pipe();
    const int descriptor = pipe->get();
    auto client = agent.client();
    ASSERT_TRUE(client.call("org.signet.agent.Unlock",
                            ipc::encode(ipc::UnlockCall{.token = two.token, .pin = 0}), {&descriptor, 1}));
    agent.answer_prompts({"wait"});
    auto waiting = agent.client();
    ASSERT_TRUE(waiting.call_more(
        "org.signet.agent.Sign",
        ipc::encode(ipc::SignCall{.use = one, .scheme = SignatureScheme::ecdsa, .data = Bytes(32)})));
    ASSERT_TRUE(eventually([&] { return agent.prompts() == 1; }));
    EXPECT_TRUE(RunningAgent::sign(client, two));
}

TEST_F(UnlockingTest, TakesThePromptAwayWhenTheCallerGoes) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    const auto use = agent.use("key");
    agent.answer_prompts({"wait", SoftHsm::pin});
    {
        auto leaving = agent.client();
        ASSERT_TRUE(leaving.call_more(
            "org.signet.agent.Sign",
            ipc::encode(ipc::SignCall{.use = use, .scheme = SignatureScheme::ecdsa, .data = Bytes(32)})));
        ASSERT_TRUE(eventually([&] { return agent.prompts() == 1; }));
    }
    EXPECT_TRUE(agent.sign("key")) << "the next is asked at once, and no cancel is remembered: "
                                   << agent.log();
    EXPECT_EQ(agent.prompts(), 2);
}

TEST_F(UnlockingTest, NamesTheSettingWhenThereIsNoPinentry) {
    RunningAgent agent({.pinentry_exists = false});
    add_key(agent);
    agent.start();
    const auto result = agent.sign("key");
    EXPECT_EQ(result.error().code, ErrorCode::cancelled);
    EXPECT_THAT(result.error().detail, HasSubstr("pinentry in [agent] of signet.toml"));
}

TEST_F(UnlockingTest, GivesUpOnAPinentryThatNeverGreetsWhenItsCallerGoes) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    const auto use = agent.use("key");
    const std::string good = read_file(agent.folder() / "pinentry");
    write_file(agent.folder() / "pinentry",
               "#!/bin/sh\necho started >>\"$(dirname \"$0\")/silent\"\nsleep 600\n");
    {
        auto leaving = agent.client();
        ASSERT_TRUE(leaving.call_more(
            "org.signet.agent.Sign",
            ipc::encode(ipc::SignCall{.use = use, .scheme = SignatureScheme::ecdsa, .data = Bytes(32)})));
        ASSERT_TRUE(eventually([&] { return std::filesystem::exists(agent.folder() / "silent"); }));
    }
    write_file(agent.folder() / "pinentry", good);
    agent.answer_prompts({SoftHsm::pin});
    EXPECT_EQ(outcome(agent.sign("key")), "good");
}

TEST_F(UnlockingTest, TriesNothingWhenThePinIsEmpty) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    EXPECT_EQ(agent.unlock("").error().code, ErrorCode::invalid_parameter);
    agent.answer_prompts({"empty", SoftHsm::pin});
    EXPECT_EQ(outcome(agent.sign("key")), "good");
    EXPECT_THAT(agent.prompt_log(), HasSubstr("SETERROR Nothing was entered"));
}

TEST_F(UnlockingTest, DoesNotTakeAPromptThatCouldNotBeShownForACancel) {
    RunningAgent agent({.pinentry_exists = false});
    add_key(agent);
    agent.start();
    for (int i = 0; i < 2; ++i) {
        EXPECT_THAT(agent.sign("key").error().detail, HasSubstr("there is no pinentry program"));
    }
}

TEST_F(UnlockingTest, HasNothingToUnlockWithoutACache) {
    RunningAgent agent({.pin_cache = "0"});
    add_key(agent);
    agent.start();
    EXPECT_EQ(agent.unlock().error().code, ErrorCode::not_allowed);
}

TEST_F(UnlockingTest, ProvesThePinOfAPinAlwaysKeyForKeyAgreement) {
    RunningAgent agent;
    add_key(agent, "tok", "key", true);
    agent.start();
    ASSERT_TRUE(agent.unlock());
    auto use = agent.use("key");
    const auto peer = x509::KeyPointer(EVP_EC_gen("P-256"));
    Bytes point(65);
    std::size_t length = 0;
    ASSERT_EQ(EVP_PKEY_get_octet_string_param(peer.get(), "pub", point.data(), point.size(), &length), 1);
    agent.answer_prompts({"999999", SoftHsm::pin});
    auto client = agent.client();
    const auto reply =
        client.call("org.signet.agent.Derive", ipc::encode(ipc::DeriveCall{.use = use, .public_key = point}));
    EXPECT_EQ(outcome(reply), "good") << agent.log();
    EXPECT_EQ(agent.prompts(), 2) << "the wrong PIN was noticed";
}

TEST_F(UnlockingTest, RefusesAWrongPinThatWasHandedOver) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    EXPECT_EQ(agent.unlock("999999").error().code, ErrorCode::pin_incorrect);
    EXPECT_TRUE(agent.unlock());
    EXPECT_EQ(agent.prompts(), 0);
}

TEST_F(UnlockingTest, LeavesNoPinInTheLog) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    agent.answer_prompts({"871536", SoftHsm::pin});
    ASSERT_TRUE(agent.sign("key"));
    ASSERT_THAT(agent.log(), HasSubstr("debug"));
    EXPECT_THAT(agent.log(), Not(HasSubstr("871536")));
    EXPECT_THAT(agent.log(), Not(HasSubstr(SoftHsm::pin)));
}

}  // namespace
}  // namespace signet::test
