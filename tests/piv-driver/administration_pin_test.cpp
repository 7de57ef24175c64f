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

}  // namespace
}  // namespace signet::test
