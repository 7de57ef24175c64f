#include "agent/slots.h"

#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

namespace signet::agent {
namespace {

class SlotsTest : public testing::Test {
  protected:
    Slots load() { return Slots::load(m_folder / "slots").value(); }

    test::TemporaryDirectory m_folder;
};

TEST_F(SlotsTest, RememberATokensNumberAcrossRestarts) {
    auto slots = load();
    EXPECT_EQ(slots.slot_of("a", {"a"}).value(), 0U);
    EXPECT_EQ(slots.slot_of("b", {"a", "b"}).value(), 1U);
    auto again = load();
    EXPECT_EQ(again.slot_of("b", {"b"}).value(), 1U);
    EXPECT_EQ(again.slot_of("c", {"b", "c"}).value(), 2U);
}

TEST_F(SlotsTest, GiveTheNumberOfAnAbsentTokenAwayOnlyWhenNoneIsFree) {
    auto slots = load();
    std::set<std::string> present;
    for (std::uint32_t i = 0; i < slot_count; ++i) {
        present.insert("t" + std::to_string(i));
        ASSERT_EQ(slots.slot_of("t" + std::to_string(i), present).value(), i);
    }
    EXPECT_EQ(slots.slot_of("new", present).value(), std::nullopt);
    present.erase("t5");
    EXPECT_EQ(slots.slot_of("new", present).value(), 5U);
}

TEST_F(SlotsTest, GiveAwayTheNumberOfTheTokenThatIsGoneLongestAlsoAfterARestart) {
    auto slots = load();
    for (std::uint32_t i = 0; i < slot_count; ++i) {
        const std::string token = "t" + std::to_string(i);
        ASSERT_EQ(slots.slot_of(token, {token}).value(), i);
    }
    ASSERT_EQ(slots.slot_of("t0", {"t0"}).value(), 0U);
    ASSERT_EQ(slots.slot_of("t1", {"t1"}).value(), 1U);
    EXPECT_EQ(slots.slot_of("new", {"new"}).value(), 2U);
    auto again = load();
    EXPECT_EQ(again.slot_of("newer", {"newer"}).value(), 3U);
    EXPECT_EQ(again.slot_of("t0", {"t0"}).value(), 0U);
}

TEST_F(SlotsTest, CountATokenAsSeenAsLongAsItIsPresent) {
    auto slots = load();
    for (std::uint32_t i = 0; i < slot_count; ++i) {
        const std::string token = "t" + std::to_string(i);
        ASSERT_EQ(slots.slot_of(token, {"t0", token}).value(), i);
        ASSERT_EQ(slots.slot_of("t0", {"t0", token}).value(), 0U);
    }
    ASSERT_EQ(slots.slot_of("t0", {"t0"}).value(), 0U);
    EXPECT_EQ(slots.slot_of("new", {"new"}).value(), 1U);
}

TEST_F(SlotsTest, ReadAFileThatIsOrderedByNumber) {
    test::write_file(m_folder / "slots", "signet slots 1\n0 a\n3 b\n");
    auto slots = load();
    EXPECT_EQ(slots.slot_of("b", {"b"}).value(), 3U);
    EXPECT_EQ(slots.slot_of("c", {"c"}).value(), 1U);
}

TEST_F(SlotsTest, RefuseAFileOfAnotherVersionOrWithNonsense) {
    for (const auto* text : {"signet slots 2\n", "", "signet slots 1\nx a\n", "signet slots 1\n16 a\n",
                             "signet slots 1\n1 \n", "signet slots 1\n1 a\n1 b\n"}) {
        test::write_file(m_folder / "slots", text);
        EXPECT_EQ(Slots::load(m_folder / "slots").error().code, ErrorCode::configuration) << text;
    }
}

}  // namespace
}  // namespace signet::agent
