// The card in the reader of a real pcscd: presence, power, faults, restarts, and tests side by side.
#include "tests/piv-card/desk.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class PcscdWithCard : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PCSCD();
        SIGNET_REQUIRE_PROGRAM("opensc-tool");
    }
    static std::string readers(const Desk& desk) { return desk.succeed({"opensc-tool", "--list-readers"}); }
    // SELECT, then VERIFY with a PIN that is wrong.
    static ProcessResult verify(const Desk& desk, const std::string& pin) {
        return desk.run({"opensc-tool", "--reader", "0", "--send-apdu", "00A4040005A000000308", "--send-apdu",
                         "0020008008" + pin});
    }
};

TEST_F(PcscdWithCard, ShowsTheCardInTheFirstSlotOnly) {
    Desk desk;
    const auto listed = readers(desk);
    EXPECT_THAT(listed, HasSubstr("Yes             Yubico Test Reader 00 00"));
    EXPECT_THAT(listed, HasSubstr("No              Yubico Test Reader 00 01"));
}

TEST_F(PcscdWithCard, SeesRemovalAndInsertion) {
    Desk desk;
    desk.card().remove();
    EXPECT_TRUE(eventually([&desk] { return readers(desk).find("Yes  ") == std::string::npos; }));
    desk.card().insert();
    EXPECT_TRUE(eventually([&desk] { return readers(desk).find("Yes  ") != std::string::npos; }));
}

TEST_F(PcscdWithCard, RunsSideBySideWithOthers) {
    Desk first;
    Desk second;
    second.card().remove();
    EXPECT_TRUE(eventually([&second] { return readers(second).find("Yes  ") == std::string::npos; }));
    EXPECT_THAT(readers(first), HasSubstr("Yes  "));
}

TEST_F(PcscdWithCard, ComesBackAfterPcscdWasKilled) {
    Desk desk;
    desk.pcscd().restart(SIGKILL);
    EXPECT_TRUE(eventually([&desk] { return readers(desk).find("Yes  ") != std::string::npos; }));
}

TEST_F(PcscdWithCard, KeepsItsMemoryWhenTheProgramIsRestarted) {
    Desk desk;
    EXPECT_THAT(verify(desk, "313131313131FFFF").output, HasSubstr("SW1=0x63, SW2=0xC2"));
    desk.card().restart();
    EXPECT_THAT(verify(desk, "313131313131FFFF").output, HasSubstr("SW1=0x63, SW2=0xC1"));
}

TEST_F(PcscdWithCard, LosesTheVerifiedPinOnReset) {
    Desk desk;
    EXPECT_THAT(verify(desk, "313233343536FFFF").output, HasSubstr("SW1=0x90"));
    desk.succeed({"opensc-tool", "--reader", "0", "--reset"});
    const auto query = desk.succeed(
        {"opensc-tool", "--reader", "0", "--send-apdu", "00A4040005A000000308", "--send-apdu", "00200080"});
    EXPECT_THAT(query, HasSubstr("SW1=0x63, SW2=0xC3"));
}

TEST_F(PcscdWithCard, IsPulledInTheMiddleOfACommandThatStillCounts) {
    Desk desk;
    desk.card().add_fault("pull-during@1/20");
    EXPECT_THAT(verify(desk, "313131313131FFFF").output, Not(HasSubstr("SW1=0x63")));
    EXPECT_FALSE(desk.card().inserted());
    desk.card().insert();
    EXPECT_THAT(verify(desk, "313131313131FFFF").output, HasSubstr("SW1=0x63, SW2=0xC1"));
}

TEST_F(PcscdWithCard, IsPulledBeforeACommandThatThenDoesNotCount) {
    Desk desk;
    desk.card().add_fault("pull-before@1/20");
    verify(desk, "313131313131FFFF");
    desk.card().insert();
    EXPECT_THAT(verify(desk, "313131313131FFFF").output, HasSubstr("SW1=0x63, SW2=0xC2"));
}

TEST_F(PcscdWithCard, AnswersDamagedAndLate) {
    Desk desk;
    desk.card().add_fault("replace@1/20:6F00");
    EXPECT_THAT(verify(desk, "313131313131FFFF").output, HasSubstr("SW1=0x6F, SW2=0x00"));
    const auto begin = std::chrono::steady_clock::now();
    desk.card().add_fault("slow@1/20:300");
    verify(desk, "313233343536FFFF");
    EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(300));
}

TEST_F(PcscdWithCard, SitsInTheSecondSlotToo) {
    Desk desk;
    const InsertedCard second(desk.pcscd(), {.slot = 1, .serial = 2});
    EXPECT_TRUE(eventually([&desk] {
        return readers(desk).find("Yes             Yubico Test Reader 00 01") != std::string::npos;
    }));
}

TEST_F(PcscdWithCard, CountsCommandsWithoutTheirData) {
    Desk desk;
    desk.card().new_apdus();
    verify(desk, "313233343536FFFF");
    const auto apdus = desk.card().new_apdus();
    EXPECT_EQ(count(apdus, "20"), 1U);
    EXPECT_EQ(apdus.back().header, "00200080");
    EXPECT_EQ(apdus.back().status, "9000");
    EXPECT_EQ(apdus.back().applet, "piv");
}

}  // namespace
}  // namespace signet::test
