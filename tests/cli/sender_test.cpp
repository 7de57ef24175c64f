#include "cli/sender.h"

#include <gmock/gmock.h>

namespace signet::cli {
namespace {

using testing::ElementsAre;

TEST(Sender, IsTheAddressInFrom) {
    EXPECT_THAT(
        *sender_addresses("From: Alice <alice@example.org>\r\nTo: bob@example.org\r\n\r\nFrom: x@y\r\n"),
        ElementsAre("alice@example.org"));
    EXPECT_THAT(*sender_addresses("Subject: x\nFROM: alice@example.org (Alice)\n\n"),
                ElementsAre("alice@example.org"));
}

TEST(Sender, MayBeSeveral) {
    EXPECT_THAT(
        *sender_addresses("From: \"A, B\" <a@example.org>,\r\n =?utf-8?q?C?= <c@example.org>\r\n\r\n"),
        ElementsAre("a@example.org", "c@example.org"));
}

TEST(Sender, IsMissingFromAMailWithoutFrom) {
    EXPECT_EQ(sender_addresses("To: bob@example.org\n\nFrom: a@example.org\n").error().code,
              ErrorCode::not_found);
    EXPECT_EQ(sender_addresses("").error().code, ErrorCode::malformed);
}

}  // namespace
}  // namespace signet::cli
