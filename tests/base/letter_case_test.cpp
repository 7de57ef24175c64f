#include "base/letter_case.h"

#include <gtest/gtest.h>

namespace signet {
namespace {

TEST(LetterCase, IsThatOfAsciiLettersAlone) {
    EXPECT_EQ(lower_case("AZaz09@[`{\xC3\x84"), "azaz09@[`{\xC3\x84");
    EXPECT_TRUE(equal_ignoring_case("Content-Type", "CONTENT-type"));
    EXPECT_FALSE(equal_ignoring_case("@", "`"));
    EXPECT_FALSE(equal_ignoring_case("From", "Fro"));
}

}  // namespace
}  // namespace signet
