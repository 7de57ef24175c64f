// What administration does with PINs: those that a login has left, and those that it makes others.
#include "tests/piv-driver/administration_desk.h"

namespace signet::test {
namespace {

constexpr piv_card::Version without_attestation{4, 2, 0};

class PinOfAdministration : public CardAdministration {
  protected:
    // Somebody mistypes at another program.
    void spend_tries(int count) {
        for (int i = 0; i < count; ++i) {
            (void)m_desk->run(Desk::yubico({"-a", "verify-pin", "-P", "999999"}));
        }
    }
    void put_object_behind_the_pin() {
        ASSERT_TRUE(administration().put_object(m_token, m_management_key, "5fc109", Bytes{0x01}));
    }
    ErrorCode refused_object() { return code_of(administration().get_object(m_token, "5fc109")); }
};

TEST_F(PinOfAdministration, IsNotTheLastTryForAnObject) {
    insert_new_card();
    put_object_behind_the_pin();
    login();
    spend_tries(2);
    EXPECT_EQ(refused_object(), ErrorCode::pin_required);
    EXPECT_EQ(tries_left(), 1);
}

TEST_F(PinOfAdministration, IsForgottenWhenItIsRefusedForAnObject) {
    insert_new_card();
    put_object_behind_the_pin();
    login();
    m_desk->succeed(Desk::yubico({"-a", "change-pin", "-P", InsertedCard::pin, "-N", "654321"}));
    EXPECT_EQ(refused_object(), ErrorCode::pin_incorrect);
    EXPECT_EQ(refused_object(), ErrorCode::pin_required);
    EXPECT_EQ(tries_left(), 2);
}

TEST_F(PinOfAdministration, IsNotTheLastTryForAProofOfAKey) {
    auto card = piv_card::new_card(12345678, without_attestation);
    piv_card::put_key(card, 0x9A, piv_card::KeyAlgorithm::p256, piv_card::KeyOrigin::imported);
    const Bytes der = certificate_for(public_key_info(card.keys.at(0x9A).key.get()));
    insert(card);
    start_driver();
    m_token = token().id;
    const auto store = [this, &der] {
        return administration().store_certificate(m_token, m_management_key, "9a", der, false);
    };
    login();
    spend_tries(2);
    EXPECT_EQ(code_of(store()), ErrorCode::pin_required);
    EXPECT_EQ(tries_left(), 1);
    // Typed by a person, it may be the last.
    login();
    EXPECT_TRUE(store());
}

TEST_F(PinOfAdministration, IsForgottenWhenTheCardHasItsFirstOneAgain) {
    insert_new_card();
    put_object_behind_the_pin();
    ASSERT_TRUE(administration().change_pin(m_token, PinKind::user, secret("123456"), secret("246810")));
    login("246810");
    ASSERT_TRUE(administration().set_retries(m_token, m_management_key, secret("246810"), 5, 5));
    EXPECT_EQ(refused_object(), ErrorCode::pin_required);
    EXPECT_EQ(tries_left(), 5);
}

TEST_F(PinOfAdministration, IsNotUnblockedByAPukThatBelongsToAnother) {
    insert(piv_card::new_card(12345678, {5, 4, 3}), {"global-pin=on", "global-pin-primary=on"});
    start_driver();
    m_token = token().id;
    EXPECT_EQ(code_of(administration().unblock_pin(m_token, secret("12345678"), secret("654321"))),
              ErrorCode::unsupported);
    m_desk->succeed(Desk::yubico({"-a", "verify-pin", "-P", "123456"}));
}

TEST_F(PinOfAdministration, StandsForAManagementKeyThatTheCardKeeps) {
    insert_new_card();
    ASSERT_TRUE(administration().protect_management_key(m_token, m_management_key, secret("123456"),
                                                        ManagementAlgorithm::aes256, false));
    EXPECT_EQ(administration().details(m_token)->authorization, Authorization::pin);
    EXPECT_EQ(code_of(administration().personalize(m_token, m_management_key)), ErrorCode::invalid_parameter);
    const auto wrong = administration().personalize(m_token, secret("999999"));
    EXPECT_EQ(code_of(wrong), ErrorCode::pin_incorrect);
    EXPECT_EQ(wrong.error().tries_left, 2);
    ASSERT_TRUE(administration().personalize(m_token, secret("123456")));
    // Somebody wants to know it again.
    const Secret known = secret("a key of 24 octets      ");
    ASSERT_TRUE(administration().set_management_key(m_token, secret("123456"), ManagementAlgorithm::tdes,
                                                    known, false));
    EXPECT_EQ(administration().details(m_token)->authorization, Authorization::management_key);
    ASSERT_TRUE(administration().personalize(m_token, known));
    EXPECT_EQ(code_of(administration().personalize(m_token, secret("123456"))), ErrorCode::invalid_parameter);
    EXPECT_EQ(tries_left(), 3);
}

// At a reader with a pin pad nothing is handed over.
class PinPadOfAdministration : public PinOfAdministration {
  protected:
    void SetUp() override {
        PinOfAdministration::SetUp();
        if (!IsSkipped() && !Pcscd::pin_pad_available()) {
            GTEST_SKIP() << "pcscd cannot load a driver built with a sanitizer";
        }
    }
    void start() {
        insert(piv_card::new_card(12345678, {5, 4, 3}), {}, PcscdOptions{.pin_pad = true});
        start_driver();
        m_token = token().id;
    }
    void type(const std::vector<std::string>& answers) { m_desk->pcscd().type(answers); }
    Result<void> change(PinKind kind) { return administration().change_pin(m_token, kind, {}, {}); }
};

TEST_F(PinPadOfAdministration, ChangesThePin) {
    start();
    EXPECT_TRUE(administration().details(m_token)->pin_pad);
    type({"123456", "246810", "246810"});
    const auto changed = change(PinKind::user);
    ASSERT_TRUE(changed) << changed.error().detail;
    m_desk->succeed(Desk::yubico({"-a", "verify-pin", "-P", "246810"}));
}

TEST_F(PinPadOfAdministration, ChangesThePukAndUnblocksWithIt) {
    start();
    type({InsertedCard::puk, "87654321", "87654321"});
    ASSERT_TRUE(change(PinKind::unblocking));
    spend_tries(3);
    type({"87654321", "246810", "246810"});
    ASSERT_TRUE(administration().unblock_pin(m_token, {}, {}));
    m_desk->succeed(Desk::yubico({"-a", "verify-pin", "-P", "246810"}));
}

TEST_F(PinPadOfAdministration, CountsWrongPinsOnly) {
    start();
    for (const std::vector<std::string>& typed :
         {std::vector<std::string>{"cancel"}, {"12", "246810", "246810"}, {"123456", "246810", "135790"}}) {
        type(typed);
        EXPECT_EQ(code_of(change(PinKind::user)), ErrorCode::cancelled) << typed[0];
    }
    type({});
    EXPECT_EQ(code_of(change(PinKind::user)), ErrorCode::timeout);
    EXPECT_EQ(tries_left(), 3);
    type({"999999", "246810", "246810"});
    const auto wrong = change(PinKind::user);
    EXPECT_EQ(code_of(wrong), ErrorCode::pin_incorrect);
    EXPECT_EQ(wrong.error().tries_left, 2);
}

TEST_F(PinPadOfAdministration, TakesThePinForNewNumbersOfTries) {
    start();
    type({"123456"});
    ASSERT_TRUE(administration().set_retries(m_token, m_management_key, {}, 5, 5));
    EXPECT_EQ(tries_left(), 5);
}

TEST_F(PinOfAdministration, CannotBeTypedAtAReaderWithoutAPinPad) {
    insert_new_card();
    EXPECT_FALSE(administration().details(m_token)->pin_pad);
    EXPECT_EQ(code_of(administration().change_pin(m_token, PinKind::user, {}, {})), ErrorCode::unsupported);
    EXPECT_EQ(code_of(administration().unblock_pin(m_token, {}, {})), ErrorCode::unsupported);
}

}  // namespace
}  // namespace signet::test
