// Which PIN goes to the card when, and who forgets it.
#include "tests/piv-driver/driver_desk.h"

#include <thread>

namespace signet::test {
namespace {

class PinUse : public DriverDesk {
  protected:
    // With the card that is there already, if there is one.
    void start(const std::vector<std::string>& settings = {}, bool deauthenticate = true) {
        if (!m_desk) {
            insert_full_card(settings);
        }
        start_driver(deauthenticate);
        (void)token();
    }
    ErrorCode refusal(std::uint8_t reference, const Secret* pin = nullptr) {
        const auto answer = sign(reference, pin);
        EXPECT_FALSE(answer);
        return answer ? ErrorCode::protocol : answer.error().code;
    }
    // Somebody mistypes at another program.
    void spend_tries(int count) {
        for (int i = 0; i < count; ++i) {
            (void)m_desk->run(Desk::yubico({"-a", "verify-pin", "-P", "999999"}));
        }
    }
};

TEST_F(PinUse, IsAskedForBeforeAnythingIsSent) {
    start();
    start_counting();
    EXPECT_EQ(refusal(0x9a), ErrorCode::pin_required);
    EXPECT_EQ(refusal(0x9c), ErrorCode::pin_required);
    EXPECT_EQ(commands(), "");
}

TEST_F(PinUse, ComesRightBeforeAKeyThatWantsItEachTime) {
    start();
    const Secret pin = secret(InsertedCard::pin);
    start_counting();
    const auto signature = sign(0x9c, &pin);
    ASSERT_TRUE(signature) << signature.error().detail;
    EXPECT_EQ(commands(), "a4 20 87 20");
    EXPECT_TRUE(is_right(0x9c, *signature));
    EXPECT_EQ(refusal(0x9c), ErrorCode::pin_required);
}

TEST_F(PinUse, IsNotNeededAgainWhenLongCommandsAreRefusedAllAtOnce) {
    start();
    login();
    card().set("extended=off");
    EXPECT_TRUE(sign(0x9a));
    start_counting();
    EXPECT_TRUE(sign(0x9a));
    EXPECT_EQ(commands(), "a4 20 20 87 87 c0 20");
}

TEST_F(PinUse, IsNotTriedTwice) {
    start();
    const Secret wrong = secret("999999");
    const auto answer = sign(0x9c, &wrong);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::pin_incorrect);
    EXPECT_EQ(answer.error().tries_left, 2);
    EXPECT_EQ(tries_left(), 2);
    const auto login = driver().login(m_token, &wrong);
    ASSERT_FALSE(login);
    EXPECT_EQ(login.error().tries_left, 1);
    EXPECT_EQ(refusal(0x9a), ErrorCode::pin_required);
    EXPECT_EQ(tries_left(), 1);
    EXPECT_EQ(token().pin, token::PinState::final_try);
}

TEST_F(PinUse, IsDroppedWhenItWasChangedElsewhere) {
    start();
    login();
    m_desk->succeed(Desk::yubico({"-a", "change-pin", "-P", InsertedCard::pin, "-N", "654321"}));
    const auto answer = sign(0x9a);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::pin_incorrect);
    EXPECT_EQ(tries_left(), 2);
    EXPECT_EQ(refusal(0x9a), ErrorCode::pin_required);
    EXPECT_EQ(tries_left(), 2);
}

TEST_F(PinUse, NeverSpendsTheLastTryUnasked) {
    for (const bool deauthenticate : {true, false}) {
        start({}, deauthenticate);
        login();
        spend_tries(2);
        ASSERT_EQ(tries_left(), 1);
        start_counting();
        EXPECT_EQ(refusal(0x9a), ErrorCode::pin_required);
        EXPECT_EQ(count(card().new_apdus(), "20"), 1U);
        EXPECT_EQ(refusal(0x9a), ErrorCode::pin_required);
        EXPECT_EQ(tries_left(), 1);
        // Typed by a person, it may be the last.
        login();
        EXPECT_TRUE(sign(0x9a));
    }
}

TEST_F(PinUse, SaysThatThePinIsBlocked) {
    start();
    spend_tries(3);
    const Secret pin = secret(InsertedCard::pin);
    const auto login = driver().login(m_token, &pin);
    ASSERT_FALSE(login);
    EXPECT_EQ(login.error().code, ErrorCode::pin_blocked);
    EXPECT_EQ(token().pin, token::PinState::blocked);
}

TEST_F(PinUse, IsForgottenByLogout) {
    for (const bool deauthenticate : {true, false}) {
        start({}, deauthenticate);
        login();
        ASSERT_TRUE(sign(0x9a));
        ASSERT_TRUE(driver().logout(m_token));
        EXPECT_EQ(refusal(0x9a), ErrorCode::pin_required);
        // Nor does the card know it for anybody else.
        const auto other =
            m_desk->run({"opensc-tool", "--reader", "0", "--send-apdu",
                         "00:A4:04:00:09:A0:00:00:03:08:00:00:10:00", "--send-apdu", "00:20:00:80"});
        EXPECT_NE(other.output.find("SW1=0x63, SW2=0xC3"), std::string::npos) << other.output;
    }
}

TEST_F(PinUse, IsForgottenWhenTheCardIsPulled) {
    for (const bool deauthenticate : {true, false}) {
        start({}, deauthenticate);
        login();
        card().remove();
        const auto gone = sign(0x9a);
        ASSERT_FALSE(gone);
        EXPECT_EQ(gone.error().code, ErrorCode::token_removed);
        card().insert();
        (void)token();
        EXPECT_EQ(refusal(0x9a), ErrorCode::pin_required);
        login();
        EXPECT_TRUE(sign(0x9a));
    }
}

TEST_F(PinUse, IsForgottenWhenPcscdIsRestarted) {
    start();
    login();
    m_desk->pcscd().restart(SIGKILL);
    ASSERT_TRUE(eventually([this] {
        const auto inventory = driver().inventory();
        return inventory && !inventory->tokens.empty();
    }));
    EXPECT_EQ(refusal(0x9a), ErrorCode::pin_required);
    login();
    EXPECT_TRUE(sign(0x9a));
}

TEST_F(PinUse, OutlivesARemovalInTheMiddleOnlyInThePersonsMind) {
    start({"extended=off"});
    for (const std::string fault : {"pull-before@1/a4", "pull-during@1/20", "pull-during@2/20",
                                    "pull-before@1/87", "pull-during@2/87", "pull-after@1/87"}) {
        login();
        card().add_fault(fault);
        const auto answer = sign(0x9a);
        if (!answer) {
            EXPECT_EQ(answer.error().code, ErrorCode::token_removed) << fault;
        }
        card().clear_faults();
        card().insert();
        (void)token();
        EXPECT_EQ(refusal(0x9a), ErrorCode::pin_required) << fault;
    }
    EXPECT_EQ(tries_left(), 3);
}

TEST_F(PinUse, FollowsTheDiscoveryObjectToTheGlobalPin) {
    start({"global-pin=on", "global-pin-primary=on"});
    login("87654321");
    EXPECT_TRUE(sign(0x9a));
}

TEST_F(PinUse, WaitsForAFinger) {
    m_card = full_card(m_authority);
    m_card->state.keys.at(0x9a).touch_policy = piv_card::TouchPolicy::always;
    insert(m_card->state, {"touch=awaited", "touch-delay=2000"});
    start_driver();
    EXPECT_TRUE(token().keys[0].touch);
    login();
    std::thread finger([this] {
        if (eventually([this] { return card().wants_touch(); })) {
            card().touch();
        }
    });
    const auto signature = sign(0x9a);
    finger.join();
    ASSERT_TRUE(signature) << signature.error().detail;
    const auto nobody = sign(0x9a);
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().code, ErrorCode::timeout);
    EXPECT_EQ(nobody.error().detail, "nobody touched the card");
}

class PinPadUse : public DriverDesk {
  protected:
    void SetUp() override {
        DriverDesk::SetUp();
        if (!IsSkipped() && !Pcscd::pin_pad_available()) {
            GTEST_SKIP() << "pcscd cannot load a driver built with a sanitizer";
        }
    }
    void start(bool deauthenticate) {
        insert_full_card({}, PcscdOptions{.pin_pad = true});
        start_driver(deauthenticate);
        (void)token();
    }
};

TEST_F(PinPadUse, AsksAtTheReaderForEachUse) {
    start(true);
    EXPECT_TRUE(token().pin_pad);
    EXPECT_TRUE(token().keys[0].always_authenticate);
    m_desk->pcscd().type({InsertedCard::pin});
    const auto signature = sign(0x9a);
    ASSERT_TRUE(signature) << signature.error().detail;
    EXPECT_TRUE(is_right(0x9a, *signature));
    m_desk->pcscd().type({"cancel"});
    EXPECT_EQ(sign(0x9a).error().code, ErrorCode::cancelled);
    m_desk->pcscd().type({"999999"});
    EXPECT_EQ(sign(0x9a).error().code, ErrorCode::pin_incorrect);
    EXPECT_EQ(tries_left(), 2);
}

TEST_F(PinPadUse, KeepsALoginWhereTheCardMayKeepIt) {
    start(false);
    m_desk->pcscd().type({InsertedCard::pin});
    ASSERT_TRUE(driver().login(m_token, nullptr));
    start_counting();
    EXPECT_TRUE(sign(0x9a));
    EXPECT_EQ(commands(), "87");
    m_desk->succeed({"opensc-tool", "--reader", "0", "--reset"});
    EXPECT_EQ(sign(0x9a).error().code, ErrorCode::pin_required);
    m_desk->pcscd().type({InsertedCard::pin});
    EXPECT_TRUE(sign(0x9c));
}

}  // namespace
}  // namespace signet::test
