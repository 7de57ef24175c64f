// The card's commands by the letter of SP 800-73-4 part 2, without pcscd.
#include "tests/piv-card/bare_card.h"

#include <gtest/gtest.h>

namespace signet::test::piv_card {
namespace {

TEST(Select, AnswersToFullAndTruncatedNamesOfPiv) {
    BareCard card;
    for (const auto* name :
         {"A0000003080000100001000000", "A000000308000010000100", "A00000030800001000", "A000000308"}) {
        const bool too_long = std::string_view(name).size() > 22;
        EXPECT_EQ(card.send_with_data("00A40400", name).status, too_long ? 0x6A82 : 0x9000) << name;
    }
    EXPECT_EQ(card.send_with_data("00A40400", "A000000308000020000100").status, 0x6A82);
}

TEST(Select, KnowsTheDerivedApplicationWhereItIs) {
    BareCard card({"application=derived"});
    EXPECT_EQ(card.send_with_data("00A40400", "A00000030800002000").status, 0x9000);
    EXPECT_EQ(card.send_with_data("00A40400", "A000000308000010000100").status, 0x6A82);
    EXPECT_EQ(card.send("00CB3FFF035C017E00").hex(), "7e124f0ba0000003080000200001005f2f0240009000");
}

TEST(Select, LeavesOptionalTagsOutWhenAsked) {
    BareCard card({"select-answer=minimal"});
    EXPECT_EQ(card.send_with_data("00A40400", "A000000308").hex(),
              "61114f0600001000010079074f05a0000003089000");
}

TEST(Select, OfAnotherAppletForgetsThePin) {
    BareCard card({"other-applet=on"});
    card.select_and_verify();
    EXPECT_EQ(card.send_with_data("00A40400", "D27600012401").status, 0x9000);
    EXPECT_EQ(card.send("00200080").status, 0x6D00);
    card.select();
    EXPECT_EQ(card.send("00200080").status, 0x63C3);
}

TEST(Select, OfPivAgainKeepsThePinUnlessTheCardIsLikeThat) {
    BareCard card;
    card.select_and_verify();
    card.select();
    EXPECT_EQ(card.send("00200080").status, 0x9000);
    BareCard forgetful({"reselect-drops-pin=on"});
    forgetful.select_and_verify();
    forgetful.select();
    EXPECT_EQ(forgetful.send("00200080").status, 0x63C3);
}

TEST(Verify, CountsTriesAndBlocks) {
    BareCard card;
    card.select();
    EXPECT_EQ(card.verify("111111").status, 0x63C2);
    EXPECT_EQ(card.send("00200080").status, 0x63C2);
    EXPECT_EQ(card.verify("111111").status, 0x63C1);
    EXPECT_EQ(card.verify("111111").status, 0x63C0);
    EXPECT_EQ(card.verify("123456").status, 0x6983);
    EXPECT_EQ(card.send("00200080").status, 0x6983);
}

TEST(Verify, RefusesMalformedPinsWithoutCounting) {
    BareCard card;
    card.select();
    for (const auto* pin : {"3132333435FFFFFF", "31323334353641FF", "313233343536FF37", "313233343536"}) {
        EXPECT_EQ(card.send_with_data("00200080", pin).status, 0x6A80) << pin;
    }
    EXPECT_EQ(card.send("00200080").status, 0x63C3);
}

TEST(Verify, ForgetsThePinOnRequestOnResetAndOnPowerOff) {
    BareCard card;
    card.select_and_verify();
    EXPECT_EQ(card.send("0020FF80").status, 0x9000);
    EXPECT_EQ(card.send("00200080").status, 0x63C3);
    card.select_and_verify();
    card.card().power("reset");
    card.select();
    EXPECT_EQ(card.send("00200080").status, 0x63C3);
}

TEST(Verify, TakesTheGlobalPinWhereDiscoverySaysSo) {
    BareCard plain;
    plain.select();
    EXPECT_EQ(plain.send("00200000").status, 0x6A88);
    BareCard card({"global-pin=on", "global-pin-primary=on"});
    card.select();
    EXPECT_TRUE(card.send("00CB3FFF035C017E00").hex().ends_with("5f2f0260209000"));
    EXPECT_EQ(card.send_with_data("00200000", "3837363534333231").status, 0x9000);
    EXPECT_EQ(card.send_with_data("00CB3FFF", "5C035FC109").status, 0x6A82) << "the PIN does not count";
}

TEST(Verify, RefusesUnknownReferencesAndParameters) {
    BareCard card;
    card.select();
    EXPECT_EQ(card.send("00200081").status, 0x6A88);
    EXPECT_EQ(card.send("00200096").status, 0x6A88);
    EXPECT_EQ(card.send("00200180").status, 0x6A86);
}

TEST(ChangeReferenceData, ChangesThePinAndCountsWrongOnes) {
    BareCard card;
    card.select();
    EXPECT_EQ(card.send_with_data("00240080", "313131313131FFFF363534333231FFFF").status, 0x63C2);
    EXPECT_EQ(card.send_with_data("00240080", "313233343536FFFF3635343332FFFFFF").status, 0x6A80);
    EXPECT_EQ(card.send_with_data("00240080", "313233343536FFFF363534333231FFFF").status, 0x9000);
    EXPECT_EQ(card.verify("123456").status, 0x63C2);
    EXPECT_EQ(card.verify("654321").status, 0x9000);
}

TEST(ResetRetryCounter, UnblocksWithThePukAndBlocksThePuk) {
    BareCard card;
    card.select();
    for (int i = 0; i < 3; ++i) {
        card.verify("111111");
    }
    EXPECT_EQ(card.send_with_data("002C0080", "3132333435363738373737373737FFFF").status, 0x9000);
    EXPECT_EQ(card.verify("777777").status, 0x9000);
    for (const int status : {0x63C2, 0x63C1, 0x63C0, 0x6983}) {
        EXPECT_EQ(card.send_with_data("002C0080", "3939393939393939373737373737FFFF").status, status);
    }
}

TEST(GetData, TellsAbsentObjectsByStatusOrByEmptyContent) {
    BareCard card;
    card.select();
    EXPECT_EQ(card.send_with_data("00CB3FFF", "5C035FC102").status, 0x6A82);
    EXPECT_EQ(card.send_with_data("00CB3F00", "5C035FC102").status, 0x6A86);
    EXPECT_EQ(card.send_with_data("00CB3FFF", "5D035FC102").status, 0x6A80);
    BareCard other({"empty-objects=on", "discovery=off"});
    other.select();
    EXPECT_EQ(other.send_with_data("00CB3FFF", "5C035FC102").hex(), "53009000");
    EXPECT_EQ(other.send("00CB3FFF035C017E00").status, 0x6A82);
}

TEST(GetData, ShowsSomeObjectsWithThePinOnly) {
    BareCard card;
    card.select();
    for (const auto* tag : {"5FC103", "5FC108", "5FC109", "5FC121", "5FC123"}) {
        EXPECT_EQ(card.send_with_data("00CB3FFF", std::string("5C03") + tag).status, 0x6982) << tag;
    }
    card.verify("123456");
    EXPECT_EQ(card.send_with_data("00CB3FFF", "5C035FC109").status, 0x6A82);
}

TEST(PutData, NeedsTheAdministratorStoresAndDeletes) {
    BareCard card;
    card.select();
    EXPECT_EQ(card.send_with_data("00DB3FFF", "5C035FC1025302AABB").status, 0x6982);
    card.authenticate();
    EXPECT_EQ(card.send_with_data("00DB3FFF", "5C035FC1025302AABB").status, 0x9000);
    EXPECT_EQ(card.send_with_data("00CB3FFF", "5C035FC102").hex(), "5302aabb9000");
    EXPECT_EQ(card.send_with_data("00DB3FFF", "5C035FC1025300").status, 0x9000);
    EXPECT_EQ(card.send_with_data("00CB3FFF", "5C035FC102").status, 0x6A82);
    EXPECT_EQ(card.send_with_data("00DB3FFF", "7E034F01AA").status, 0x9000);
    EXPECT_EQ(card.send("00CB3FFF035C017E00").hex(), "7e034f01aa9000");
    EXPECT_EQ(card.send_with_data("00DB3FFF", "5C035FC102").status, 0x6A80);
}

TEST(PutData, HasABoundForEachObject) {
    BareCard card({"largest-object=100"});
    card.select();
    card.authenticate();
    EXPECT_EQ(card.send_with_data("00DB3FFF", "5C035FC1025365" + std::string(2 * 0x65, 'A')).status, 0x6A84);
}

}  // namespace
}  // namespace signet::test::piv_card
