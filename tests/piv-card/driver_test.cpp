// The driver's commands before the emulated card.
#include "piv/commands.h"
#include "tests/piv-card/bare_card.h"
#include "tests/support/card_transmitter.h"
#include "tests/support/certificates.h"
#include "tests/support/octets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

namespace signet::test {
namespace {

using piv_card::BareCard;
using piv_card::KeyAlgorithm;

constexpr std::uint32_t large_object = 0x5FC106;

// Cards that say the same in different ways; each with both forms of length where it does both.
class DriverCommands : public testing::TestWithParam<const char*> {
  protected:
    DriverCommands() : m_card({GetParam()}), m_transmitter(m_card.card()) {
        m_card.state().objects[large_object] = Bytes(2500, 0xAB);
    }
    [[nodiscard]] piv::Card card() { return {m_transmitter, form()}; }
    static piv::LengthForm form() {
        return std::string_view(GetParam()) == "extended=on" ? piv::LengthForm::extended
                                                             : piv::LengthForm::short_form;
    }

    BareCard m_card;
    CardTransmitter m_transmitter;
};

TEST_P(DriverCommands, ReadObjectsOfAnyLength) {
    ASSERT_TRUE(piv::select(card(), piv::Application::piv));
    const auto content = piv::get_data(card(), large_object);
    ASSERT_TRUE(content) << content.error().detail;
    EXPECT_EQ(*content, Bytes(2500, 0xAB));
    EXPECT_EQ(piv::get_data(card(), 0x5FC102).error().code, ErrorCode::not_found);
}

TEST_P(DriverCommands, ReadCertificates) {
    TestAuthority authority;
    const auto& key = piv_card::put_key(m_card.state(), 0x9A, KeyAlgorithm::rsa_2048);
    const auto certificate = authority.issue(key.get(), "card", "card@example.test");
    piv_card::put_certificate(m_card.state(), 0x9A, certificate);
    ASSERT_TRUE(piv::select(card(), piv::Application::piv));
    const auto content = piv::get_data(card(), piv::certificate_object(piv::authentication_key).value());
    ASSERT_TRUE(content) << content.error().detail;
    EXPECT_EQ(piv::certificate_of(*content).value(), certificate.der());
}

TEST_P(DriverCommands, UseKeysWithLongBlocks) {
    const auto key = piv_card::put_key(m_card.state(), 0x9A, KeyAlgorithm::rsa_2048);
    ASSERT_TRUE(piv::select(card(), piv::Application::piv));
    ASSERT_TRUE(piv::verify(card(), piv::PinReference::application, secret("123456")));
    const Bytes block(256, 0x01);
    const auto result =
        piv::authenticate_internally(card(), piv::Algorithm::rsa2048, piv::authentication_key, block);
    ASSERT_TRUE(result) << result.error().detail;
    EXPECT_EQ(*result, key.raw_rsa(block));
}

TEST_P(DriverCommands, CountTriesAndBlock) {
    ASSERT_TRUE(piv::select(card(), piv::Application::piv));
    EXPECT_EQ(piv::pin_status(card(), piv::PinReference::application)->tries_left, 3);
    const auto wrong = piv::verify(card(), piv::PinReference::application, secret("999999"));
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, ErrorCode::pin_incorrect);
    EXPECT_EQ(wrong.error().tries_left, 2);
    EXPECT_TRUE(piv::change_pin(card(), piv::PinReference::application, secret("123456"), secret("654321")));
    EXPECT_TRUE(piv::unblock_pin(card(), secret("12345678"), secret("111111")));
    EXPECT_TRUE(piv::verify(card(), piv::PinReference::application, secret("111111")));
    EXPECT_TRUE(piv::deauthenticate(card(), piv::PinReference::application));
    EXPECT_FALSE(piv::pin_status(card(), piv::PinReference::application)->verified);
}

INSTANTIATE_TEST_SUITE_P(Cards, DriverCommands,
                         testing::Values("extended=on", "extended=off", "corrects-le=on",
                                         "more-after-full-block=off", "certificates=gzip",
                                         "certificates=old-gzip", "certificates=net-id",
                                         "select-answer=minimal", "empty-objects=on"),
                         [](const auto& instance) {
                             std::string name = instance.param;
                             std::replace_if(
                                 name.begin(), name.end(),
                                 [](char letter) { return std::isalnum(letter) == 0; }, '_');
                             return name;
                         });

TEST(PulledCards, AreNoticedBeforeDuringAndAfterACommand) {
    for (const auto* fault : {"pull-before", "pull-during", "pull-after"}) {
        BareCard bare;
        CardTransmitter transmitter(bare.card());
        const piv::Card card{transmitter};
        ASSERT_TRUE(piv::select(card, piv::Application::piv));
        bare.card().faults().add(piv_card::parse_fault(fault).value());
        const bool answered = piv::pin_status(card, piv::PinReference::application).has_value();
        EXPECT_EQ(answered, std::string_view(fault) == "pull-after") << fault;
        EXPECT_EQ(piv::pin_status(card, piv::PinReference::application).error().code,
                  ErrorCode::token_removed);
        transmitter.insert();
        EXPECT_TRUE(piv::select(card, piv::Application::piv));
    }
}

}  // namespace
}  // namespace signet::test
