// A management key that the card keeps behind its PIN, as Yubico's tools arrange it.
#include "piv/kept_management_key.h"

#include "piv/administration_commands.h"
#include "piv/management_key.h"
#include "tests/piv-card/bare_card.h"
#include "tests/support/card_transmitter.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace signet::test {
namespace {

using piv_card::BareCard;

Secret octets_of(std::string_view hex) {
    return Secret::copy_of(from_hex(hex).value()).value();
}
Secret delivered_key() {
    return octets_of("010203040506070801020304050607080102030405060708");
}

class KeptManagementKey : public testing::Test {
  protected:
    piv::Card card() { return {m_transmitter, piv::LengthForm::short_form}; }
    piv_card::CardState& state() { return m_card.state(); }

    // Selected anew, with the PIN.
    void start() {
        m_transmitter.insert();
        ASSERT_TRUE(piv::select(card(), piv::Application::piv));
        ASSERT_TRUE(
            piv::verify(card(), piv::PinReference::application, Secret::copy_of(as_bytes("123456")).value()));
    }
    bool authenticates(const Secret& key) {
        return piv::authenticate_administrator(card(), ManagementAlgorithm::tdes, key).has_value();
    }
    // Gives whether any of the kept keys is the card's.
    bool authenticates_by_kept_key() {
        const auto keys = piv::kept_management_keys(card());
        return keys && std::any_of(keys->begin(), keys->end(),
                                   [this](const Secret& key) { return authenticates(key); });
    }
    Result<void> keep() { return piv::keep_new_management_key(card(), ManagementAlgorithm::tdes, false); }

    BareCard m_card;
    CardTransmitter m_transmitter{m_card.card()};
};

TEST_F(KeptManagementKey, IsReadAsYubicosToolsWriteIt) {
    state().objects[piv::object::administrator_data] = from_hex("8003810102").value();
    state().objects[piv::object::printed_information] =
        from_hex("881a8918010203040506070801020304050607080102030405060708").value();
    ASSERT_TRUE(piv::select(card(), piv::Application::piv));
    EXPECT_TRUE(piv::keeps_management_key(card()).value());
    EXPECT_EQ(piv::kept_management_keys(card()).error().code, ErrorCode::pin_required);
    start();
    EXPECT_TRUE(authenticates_by_kept_key());
}

TEST_F(KeptManagementKey, IsWrittenAsYubicosToolsReadIt) {
    // The PIN was changed at some time; the PUK is not blocked.
    state().objects[piv::object::administrator_data] = from_hex("80098101008304aabbccdd").value();
    start();
    ASSERT_TRUE(authenticates(delivered_key()));
    ASSERT_TRUE(keep());
    EXPECT_EQ(to_hex(state().objects.at(piv::object::administrator_data)), "80098101028304aabbccdd");
    EXPECT_EQ(to_hex(state().objects.at(piv::object::printed_information)),
              "881a8918" + to_hex(state().management_key.value));
    EXPECT_TRUE(authenticates_by_kept_key());
    EXPECT_FALSE(authenticates(delivered_key()));
}

TEST_F(KeptManagementKey, IsForgottenForOneThatSomebodyKnows) {
    start();
    ASSERT_TRUE(authenticates(delivered_key()));
    ASSERT_TRUE(keep());
    ASSERT_TRUE(piv::forget_kept_management_key(card()));
    EXPECT_FALSE(piv::keeps_management_key(card()).value());
    EXPECT_FALSE(state().objects.contains(piv::object::printed_information));
}

TEST_F(KeptManagementKey, TakesNoPrintedInformationsPlace) {
    const Bytes printed = from_hex("0105416c696365fe00").value();
    state().objects[piv::object::printed_information] = printed;
    start();
    ASSERT_TRUE(authenticates(delivered_key()));
    const auto kept = keep();
    ASSERT_FALSE(kept);
    EXPECT_EQ(kept.error().code, ErrorCode::not_allowed);
    EXPECT_EQ(state().objects.at(piv::object::printed_information), printed);
    EXPECT_EQ(piv::kept_management_keys(card()).error().code, ErrorCode::malformed);
}

TEST_F(KeptManagementKey, IsNotSaidToBeThereByNonsense) {
    for (const char* content : {"80", "8103810102", "800381010d", "ff", "800481020202"}) {
        state().objects[piv::object::administrator_data] = from_hex(content).value();
        ASSERT_TRUE(piv::select(card(), piv::Application::piv));
        EXPECT_FALSE(piv::keeps_management_key(card()).value()) << content;
    }
}

// The card's key stays one that is known: before the first time to a person, later to the card.
class InterruptedKeeping : public KeptManagementKey, public testing::WithParamInterface<bool> {
  protected:
    // Whether the keeping came to its end.
    bool keep_with(const std::string& fault) {
        const bool again = GetParam();
        state() = piv_card::new_card(12345678, {5, 4, 3});
        start();
        EXPECT_TRUE(authenticates(delivered_key()));
        if (again) {
            EXPECT_TRUE(keep());
        }
        m_card.card().faults().add(piv_card::parse_fault(fault).value());
        const bool kept = keep().has_value();
        m_card.card().faults().clear();
        start();
        EXPECT_TRUE(authenticates_by_kept_key() || (!again && authenticates(delivered_key()))) << fault;
        return kept;
    }
};

TEST_P(InterruptedKeeping, LosesNoKeyWhereverTheCardIsPulled) {
    for (const std::string fault : {"pull-before@", "pull-during@"}) {
        int position = 1;
        while (!keep_with(fault + std::to_string(position))) {
            ++position;
        }
        EXPECT_GT(position, 4);
    }
}

INSTANTIATE_TEST_SUITE_P(Times, InterruptedKeeping, testing::Bool(),
                         [](const auto& parameters) { return parameters.param ? "Again" : "First"; });

}  // namespace
}  // namespace signet::test
