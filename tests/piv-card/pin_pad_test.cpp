// A reader that takes the PIN itself, with OpenSC, which knows such readers.
#include "tests/piv-card/desk.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class PinPad : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PCSCD();
        SIGNET_REQUIRE_PROGRAM("pkcs11-tool");
        if (!Pcscd::pin_pad_available()) {
            GTEST_SKIP() << "pcscd cannot load a driver built with a sanitizer";
        }
        const auto card = full_card(m_authority);
        m_desk.emplace(card.state, InsertedCardOptions{}, PcscdOptions{.pin_pad = true});
        write_file(m_desk->path("data"), "data");
    }
    // Logs in without a PIN of its own, and signs.
    [[nodiscard]] ProcessResult sign() const {
        return m_desk->run(Desk::pkcs11(opensc_module, {"--login", "--sign", "-m", "SHA256-RSA-PKCS", "--id",
                                                        "01", "-i", "data", "-o", "signature"}));
    }

    TestAuthority m_authority;
    std::optional<Desk> m_desk;
};

TEST_F(PinPad, IsAnnouncedToPrograms) {
    EXPECT_THAT(m_desk->succeed({"opensc-tool", "--list-readers"}), HasSubstr("PIN pad"));
    EXPECT_THAT(m_desk->succeed(Desk::pkcs11(opensc_module, {"--list-slots"})), HasSubstr("PIN pad present"));
}

TEST_F(PinPad, GivesThePinToTheCard) {
    m_desk->pcscd().type({"123456"});
    EXPECT_EQ(sign().exit_status, 0);
    EXPECT_EQ(piv_card::load(m_desk->card().state()).pin.tries_left, 3);
}

TEST_F(PinPad, GivesAWrongPinToo) {
    m_desk->pcscd().type({"999999"});
    EXPECT_NE(sign().exit_status, 0);
    EXPECT_EQ(piv_card::load(m_desk->card().state()).pin.tries_left, 2);
}

TEST_F(PinPad, SendsNothingWhenThePersonCancelsOrGoesAway) {
    for (const std::string answer : {"cancel", "timeout", "12"}) {
        m_desk->pcscd().type({answer});
        EXPECT_NE(sign().exit_status, 0) << answer;
    }
    EXPECT_EQ(piv_card::load(m_desk->card().state()).pin.tries_left, 3);
}

}  // namespace
}  // namespace signet::test
