#include "cli/terminal.h"

#include <gtest/gtest.h>

namespace signet::cli {
namespace {

TEST(Terminal, GetsNoColourUnlessItIsOne) {
    EXPECT_EQ(Style(false).bad("text"), "text");
    EXPECT_EQ(Style(true).bad("text"), "\x1b[31mtext\x1b[0m");
}

TEST(Columns, AreAlignedByCharactersNotOctets) {
    EXPECT_EQ(aligned({{"ä", "x"}, {"abc", "y"}}), "ä    x\nabc  y\n");
    EXPECT_EQ(aligned({}), "");
}

TEST(Joined, HasSeparatorsBetweenTheElements) {
    EXPECT_EQ(joined({"a", "b"}, ", "), "a, b");
    EXPECT_EQ(joined({}, ", "), "");
}

}  // namespace
}  // namespace signet::cli
