#include "piv/apdu.h"

#include "tests/piv/scripted_card.h"

#include <gtest/gtest.h>

namespace signet::piv {
namespace {

using test::ScriptedCard;

std::string repeated(std::string_view hex, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += hex;
    }
    return text;
}

TEST(Exchange, SendsShortCommands) {
    ScriptedCard card({"9000",
                       "0102"
                       "9000"});
    EXPECT_TRUE(exchange(card, {.instruction = 0x20, .p2 = 0x80, .data = {}}, LengthForm::short_form)
                    ->status.success());
    const Bytes data = {1, 2};
    const auto response =
        exchange(card, {.instruction = 0xcb, .p1 = 0x3f, .p2 = 0xff, .data = data, .expects_data = true},
                 LengthForm::short_form);
    EXPECT_EQ(to_hex(response->data), "0102");
    EXPECT_EQ(card.commands, (std::vector<std::string>{"00200080", "00cb3fff02010200"}));
}

TEST(Exchange, ChainsLongData) {
    ScriptedCard card({"9000", "9000", "9000"});
    const Bytes data(600, 0xaa);
    ASSERT_TRUE(exchange(card, {.instruction = 0x87, .p1 = 7, .p2 = 0x9a, .data = data, .expects_data = true},
                         LengthForm::short_form));
    ASSERT_EQ(card.commands.size(), 3U);
    EXPECT_EQ(card.commands[0], "1087079aff" + repeated("aa", 255));
    EXPECT_EQ(card.commands[1], "1087079aff" + repeated("aa", 255));
    EXPECT_EQ(card.commands[2], "0087079a5a" + repeated("aa", 90) + "00");
}

TEST(Exchange, EndsAChainThatTheCardRefuses) {
    ScriptedCard card({"6a80"});
    const Bytes data(600, 0xaa);
    const auto response = exchange(card, {.instruction = 0x87, .data = data}, LengthForm::short_form);
    EXPECT_EQ(response->status, status::bad_data);
    EXPECT_EQ(card.commands.size(), 1U);
}

TEST(Exchange, UsesExtendedLengthsWhereTheCardCan) {
    ScriptedCard card({"9000"});
    const Bytes data(300, 0xbb);
    ASSERT_TRUE(exchange(card, {.instruction = 0x87, .p1 = 7, .p2 = 0x9a, .data = data, .expects_data = true},
                         LengthForm::extended));
    EXPECT_EQ(card.commands, (std::vector<std::string>{"0087079a"
                                                       "00012c" +
                                                       repeated("bb", 300) + "0000"}));
}

TEST(Exchange, FetchesWhatIsLeft) {
    ScriptedCard card(
        {"0102"
         "6103",
         "030405"
         "9000"});
    const auto response =
        exchange(card, {.instruction = 0xcb, .data = {}, .expects_data = true}, LengthForm::short_form);
    EXPECT_EQ(to_hex(response->data), "0102030405");
    EXPECT_EQ(card.commands[1], "00c0000003");
}

TEST(Exchange, RepeatsWithTheLengthThatTheCardWants) {
    ScriptedCard card({"6c02",
                       "0102"
                       "9000"});
    const auto response =
        exchange(card, {.instruction = 0xcb, .data = {}, .expects_data = true}, LengthForm::short_form);
    EXPECT_EQ(to_hex(response->data), "0102");
    EXPECT_EQ(card.commands[1], "00cb000002");
}

TEST(Exchange, AsksOnWhereTheCardDoesNotSayThatThereIsMore) {
    ScriptedCard card({"53820102" + repeated("ab", 252) + "9000", repeated("ab", 6) + "9000"});
    const auto response =
        exchange(card, {.instruction = 0xcb, .data = {}, .expects_data = true}, LengthForm::short_form);
    EXPECT_EQ(response->data.size(), 262U);
    EXPECT_EQ(card.commands[1], "00c0000000");
}

TEST(Exchange, KeepsWhatItHasWhenThereIsNothingMoreAfterAll) {
    ScriptedCard card({"53820102" + repeated("ab", 252) + "9000", "6d00"});
    const auto response =
        exchange(card, {.instruction = 0xcb, .data = {}, .expects_data = true}, LengthForm::short_form);
    EXPECT_EQ(response->data.size(), 256U);
    EXPECT_TRUE(response->status.success());
}

TEST(Exchange, DoesNotReadWithoutEnd) {
    ScriptedCard card(std::deque<std::string>(300, repeated("ab", 256) + "6100"));
    const auto response =
        exchange(card, {.instruction = 0xcb, .data = {}, .expects_data = true}, LengthForm::short_form);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::malformed);
}

TEST(Exchange, DoesNotAskForEverWhereNothingComes) {
    ScriptedCard card({"6101", "6101", "6101", "6101"});
    const auto response =
        exchange(card, {.instruction = 0xcb, .data = {}, .expects_data = true}, LengthForm::short_form);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::malformed);
    EXPECT_EQ(card.commands.size(), 2U);
}

TEST(Exchange, RefusesAResponseWithoutStatusWord) {
    ScriptedCard card({"90"});
    EXPECT_EQ(exchange(card, {.instruction = 0xcb, .data = {}}, LengthForm::short_form).error().code,
              ErrorCode::malformed);
}

TEST(StatusWord, TellsTheTriesThatAreLeft) {
    EXPECT_EQ(StatusWord{0x63c2}.tries_left(), 2);
    EXPECT_EQ(StatusWord{0x6302}.tries_left(), 2);
    EXPECT_EQ(StatusWord{0x6300}.tries_left(), std::nullopt);
    EXPECT_EQ(status::not_found.text(), "6A82");
}

}  // namespace
}  // namespace signet::piv
