// What the PIN pad makes of PC/SC part 10's structures.
#include "tests/support/pin_pad_reader/secure_entry.h"

#include <gtest/gtest.h>

namespace signet::test::pin_pad {
namespace {

// The length of the command, and the command, behind the rest of the structure.
Bytes structure(std::string_view head, std::string_view command) {
    auto octets = from_hex(head).value();
    const auto tail = from_hex(command).value();
    octets.insert(octets.end(), {static_cast<std::uint8_t>(tail.size()), 0, 0, 0});
    octets.insert(octets.end(), tail.begin(), tail.end());
    return octets;
}

// ASCII in octets, a block of 8, 6 to 8 digits.
constexpr std::string_view verify_head = "1e1e82080008060201090400000000";
constexpr std::string_view verify_command = "0020008008ffffffffffffffff";
constexpr std::string_view modify_head = "1e1e820800000808060302030904000102000000";
constexpr std::string_view modify_command = "0024008010ffffffffffffffffffffffffffffffff";

TEST(PinEntry, PutsThePinIntoTheCommand) {
    const auto entry = fill_verify(structure(verify_head, verify_command), {"123456"});
    EXPECT_EQ(entry.status, 0);
    EXPECT_EQ(to_hex(entry.command), "0020008008313233343536ffff");
}

TEST(PinEntry, AnswersForThePersonWhoDoesNotGiveAPin) {
    const auto request = structure(verify_head, verify_command);
    EXPECT_EQ(fill_verify(request, {"cancel"}).status, status_cancelled);
    EXPECT_EQ(fill_verify(request, {}).status, status_timeout);
    EXPECT_EQ(fill_verify(request, {"12345"}).status, status_wrong_length);
    EXPECT_EQ(fill_verify(request, {"123456789"}).status, status_wrong_length);
}

TEST(PinEntry, RefusesStructuresOfWrongSizeOrFormat) {
    auto request = structure(verify_head, verify_command);
    request.pop_back();
    EXPECT_EQ(fill_verify(request, {"123456"}).status, status_bad_structure);
    auto binary_digits = structure(verify_head, verify_command);
    binary_digits[2] = 0x81;
    EXPECT_EQ(fill_verify(binary_digits, {"123456"}).status, status_bad_structure);
    EXPECT_EQ(fill_verify(structure(verify_head, "0020008004ffffffff"), {"123456"}).status,
              status_bad_structure)
        << "the block is longer than the command";
    EXPECT_EQ(fill_verify({}, {"123456"}).status, status_bad_structure);
}

TEST(PinEntry, AsksForTheOldPinAndTwiceForTheNew) {
    const auto request = structure(modify_head, modify_command);
    const auto entry = fill_modify(request, {"123456", "65432100", "65432100"});
    EXPECT_EQ(entry.status, 0);
    EXPECT_EQ(to_hex(entry.command), "0024008010313233343536ffff3635343332313030");
    EXPECT_EQ(fill_modify(request, {"123456", "654321", "654322"}).status, status_pins_differ);
    EXPECT_EQ(fill_modify(request, {"123456", "654321"}).status, status_timeout);
    EXPECT_EQ(fill_modify(request, {"123456", "cancel", "654321"}).status, status_cancelled);
}

}  // namespace
}  // namespace signet::test::pin_pad
