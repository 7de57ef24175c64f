#include "ipc/codec.h"
#include "tests/support/agent.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace signet::test {
namespace {

using testing::HasSubstr;

// Questions to the person, as signet-ssh-agent has them asked on behalf of its clients.
class ConfirmationTest : public testing::Test {
  protected:
    void SetUp() override { SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc"); }

    static void add_key(const RunningAgent& agent, bool always_authenticate = false) {
        agent.softhsm().init_token("tok");
        agent.softhsm().generate_key("tok", "EC:prime256v1", "01", "key", always_authenticate);
    }
    static Result<ipc::Reply> sign(RunningAgent& agent, const ipc::Asking& asking) {
        return answer(begin(agent, agent.use("key"), asking));
    }
    // Without waiting for the answer.
    static ipc::Client begin(RunningAgent& agent, const ipc::KeyUse& use, const ipc::Asking& asking) {
        auto client = agent.client();
        EXPECT_TRUE(client.send(
            "org.signet.agent.Sign",
            ipc::encode(ipc::SignCall{
                .use = use, .scheme = SignatureScheme::ecdsa, .data = Bytes(32), .asking = asking})));
        return client;
    }
    static Result<ipc::Reply> answer(ipc::Client client) {
        return client.next_reply(std::chrono::steady_clock::now() + std::chrono::seconds(30));
    }
    // How many of so many uses at once become signatures.
    static int signatures_of(RunningAgent& agent, std::size_t uses, const ipc::Asking& asking) {
        const auto use = agent.use("key");
        std::vector<ipc::Client> clients;
        for (std::size_t i = 0; i < uses; ++i) {
            clients.push_back(begin(agent, use, asking));
        }
        int signatures = 0;
        for (auto& client : clients) {
            const auto reply = answer(std::move(client));
            EXPECT_TRUE(reply || reply.error().code == ErrorCode::cancelled) << outcome(reply);
            signatures += reply ? 1 : 0;
        }
        return signatures;
    }
};

TEST_F(ConfirmationTest, IsAskedForBeforeThePin) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    agent.answer_prompts({"yes", SoftHsm::pin});
    EXPECT_EQ(outcome(sign(agent, {.confirm = true})), "good") << agent.log();
    EXPECT_EQ(agent.questions(), 1);
    EXPECT_EQ(agent.prompts(), 1);
    EXPECT_THAT(agent.prompt_log(),
                HasSubstr("May the key of key on the token \"tok\" be used to sign now?"));
}

TEST_F(ConfirmationTest, ThatIsRefusedUsesNothingAndIsNotAskedForAgainAtOnce) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    ASSERT_TRUE(agent.unlock());
    agent.answer_prompts({"cancel", "yes"});
    EXPECT_EQ(outcome(sign(agent, {.confirm = true})), "Cancelled: the use of the key was refused");
    EXPECT_THAT(outcome(sign(agent, {.confirm = true})), HasSubstr("a moment ago"));
    EXPECT_EQ(agent.questions(), 1);
    EXPECT_EQ(outcome(sign(agent, {.confirm = true, .on_behalf_of = 1})), "good") << "another client";
    EXPECT_EQ(outcome(sign(agent, {})), "good");
}

TEST_F(ConfirmationTest, ThatIsAnsweredByNoIsRefusedToo) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    agent.answer_prompts({"no"});
    EXPECT_EQ(outcome(sign(agent, {.confirm = true})), "Cancelled: the use of the key was refused");
}

TEST_F(ConfirmationTest, ThatNobodyAnswersIsNoRefusal) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    agent.answer_prompts({"timeout", "no"});
    EXPECT_EQ(outcome(sign(agent, {.confirm = true})), "Cancelled: nobody answered the question");
    EXPECT_EQ(outcome(sign(agent, {.confirm = true})), "Cancelled: the use of the key was refused");
}

TEST_F(ConfirmationTest, NamesTheClientAndWhoAsksForIt) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    ASSERT_TRUE(agent.unlock());
    agent.answer_prompts({"yes"});
    const auto self = std::to_string(getpid());
    ASSERT_TRUE(sign(agent, {.confirm = true, .on_behalf_of = static_cast<std::uint32_t>(getppid())}));
    EXPECT_THAT(agent.prompt_log(),
                HasSubstr(" (pid " + std::to_string(getppid()) + ") through test-e2e (pid " + self));
}

TEST_F(ConfirmationTest, AnswersPinRequiredWhereThePromptIsForbidden) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    agent.answer_prompts({"yes", SoftHsm::pin});
    EXPECT_EQ(outcome(sign(agent, {.confirm = true, .no_pin_prompt = true})), "PinRequired: ");
    EXPECT_EQ(agent.prompts() + agent.questions(), 0);
    ASSERT_TRUE(agent.unlock());
    EXPECT_EQ(outcome(sign(agent, {.no_pin_prompt = true})), "good");
}

TEST_F(ConfirmationTest, DoesNotReplaceThePinOfAPinAlwaysKey) {
    RunningAgent agent;
    add_key(agent, true);
    agent.start();
    ASSERT_TRUE(agent.unlock());
    EXPECT_EQ(outcome(sign(agent, {.no_pin_prompt = true})), "PinRequired: ");
    agent.answer_prompts({"yes", SoftHsm::pin});
    EXPECT_EQ(outcome(sign(agent, {.confirm = true})), "good");
    EXPECT_EQ(agent.prompts(), 1);
}

TEST_F(ConfirmationTest, ThatIsRefusedIsRefusedToAllThatWaitForTheSameUse) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    ASSERT_TRUE(agent.unlock());
    agent.answer_prompts({"no", "yes"});
    EXPECT_EQ(signatures_of(agent, 20, {.confirm = true, .on_behalf_of = 1}), 0);
    EXPECT_EQ(agent.questions(), 1);
    EXPECT_EQ(outcome(sign(agent, {.confirm = true, .on_behalf_of = 2})), "good") << "another client";
}

TEST_F(ConfirmationTest, IsGivenToOneUseAndNotToThoseThatWait) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    ASSERT_TRUE(agent.unlock());
    agent.answer_prompts({"yes", "yes", "no", "yes"});
    EXPECT_EQ(signatures_of(agent, 10, {.confirm = true}), 2);
    EXPECT_EQ(agent.questions(), 3);
}

TEST_F(ConfirmationTest, IsAskedOfTheNextThatWaitsWhenTheFirstClientLeaves) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    ASSERT_TRUE(agent.unlock());
    agent.answer_prompts({"wait", "yes"});
    const auto use = agent.use("key");
    std::vector<ipc::Client> clients;
    clients.push_back(begin(agent, use, {.confirm = true}));
    ASSERT_TRUE(eventually([&] { return agent.questions() == 1; }));
    clients.push_back(begin(agent, use, {.confirm = true}));
    auto last = begin(agent, use, {.confirm = true});
    EXPECT_NO_THROW(agent.tokens()) << "all have arrived";
    clients.pop_back();
    clients.pop_back();
    EXPECT_EQ(outcome(answer(std::move(last))), "good") << agent.log();
    EXPECT_EQ(agent.questions(), 2) << "nobody is asked for one that left while it waited";
}

TEST_F(ConfirmationTest, OfLocalProgramsComesBeforeThatOfOtherMachines) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    ASSERT_TRUE(agent.unlock());
    agent.answer_prompts({"wait", "yes", "wait"});
    const auto use = agent.use("key");
    const ipc::Asking other_machine{.confirm = true, .no_pin_prompt = true, .on_behalf_of = 1};
    ipc::Asking further_machine = other_machine;
    further_machine.on_behalf_of = 2;
    std::vector<ipc::Client> shown;
    shown.push_back(begin(agent, use, other_machine));
    ASSERT_TRUE(eventually([&] { return agent.questions() == 1; }));
    const auto waiting = begin(agent, use, further_machine);
    EXPECT_NO_THROW(agent.tokens());
    auto local = begin(agent, use, {.confirm = true});
    EXPECT_NO_THROW(agent.tokens());
    shown.clear();
    EXPECT_EQ(outcome(answer(std::move(local))), "good") << agent.log();
}

class PinPromptOfClients : public ConfirmationTest {};

TEST_F(PinPromptOfClients, ThatIsCancelledLeavesOtherClientsOfTheSameProgramTheirs) {
    RunningAgent agent;
    add_key(agent);
    agent.start();
    agent.answer_prompts({"cancel", SoftHsm::pin});
    EXPECT_EQ(outcome(sign(agent, {.on_behalf_of = 1})), "Cancelled: the PIN prompt was cancelled");
    EXPECT_THAT(outcome(sign(agent, {.on_behalf_of = 1})), HasSubstr("a moment ago"));
    EXPECT_EQ(outcome(sign(agent, {.on_behalf_of = 2})), "good") << agent.log();
    EXPECT_EQ(agent.prompts(), 2);
}

TEST_F(PinPromptOfClients, ForOneUseThatIsCancelledTakesAwayThoseOfTheSameClientAlone) {
    RunningAgent agent;
    add_key(agent, true);
    agent.start();
    ASSERT_TRUE(agent.unlock());
    const auto use = agent.use("key");
    agent.answer_prompts({"cancel", SoftHsm::pin});
    auto first = begin(agent, use, {.on_behalf_of = 1});
    auto second = begin(agent, use, {.on_behalf_of = 2});
    EXPECT_THAT(outcome(answer(std::move(first))), HasSubstr("Cancelled"));
    EXPECT_EQ(outcome(answer(std::move(second))), "good") << agent.log();
}

}  // namespace
}  // namespace signet::test
