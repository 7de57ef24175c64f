#include "cli/sender.h"

#include <gmock/gmock.h>

namespace signet::cli {
namespace {

using testing::ElementsAre;

Result<std::vector<std::string>> addresses_of_sender(std::string_view mail) {
    return sender_addresses(smime::TextSource(mail));
}

TEST(Sender, IsTheAddressInFrom) {
    EXPECT_THAT(
        *addresses_of_sender("From: Alice <alice@example.org>\r\nTo: bob@example.org\r\n\r\nFrom: x@y\r\n"),
        ElementsAre("alice@example.org"));
    EXPECT_THAT(*addresses_of_sender("Subject: x\nFROM: alice@example.org (Alice)\n\n"),
                ElementsAre("alice@example.org"));
}

TEST(Sender, MayBeSeveral) {
    EXPECT_THAT(
        *addresses_of_sender("From: \"A, B\" <a@example.org>,\r\n =?utf-8?q?C?= <c@example.org>\r\n\r\n"),
        ElementsAre("a@example.org", "c@example.org"));
}

TEST(Sender, IsMissingFromAMailWithoutFrom) {
    EXPECT_EQ(addresses_of_sender("To: bob@example.org\n\nFrom: a@example.org\n").error().code,
              ErrorCode::not_found);
    EXPECT_EQ(addresses_of_sender("").error().code, ErrorCode::not_found);
}

TEST(Addresses, AreThoseOfAllFieldsThatAreAskedFor) {
    const smime::TextSource mail(
        "To: a@example.org\nCc: b@example.org, c@example.org\nBcc: d@example.org\n\n");
    EXPECT_THAT(*addresses_in(mail, {"To", "Cc"}),
                ElementsAre("a@example.org", "b@example.org", "c@example.org"));
    EXPECT_THAT(*addresses_in(mail, {"Bcc"}), ElementsAre("d@example.org"));
    EXPECT_THAT(*addresses_in(mail, {"Reply-To"}), ElementsAre());
}

TEST(Addresses, AreAllFoundOrNone) {
    const std::vector<std::string> two{"a@example.org", "b@example.org"};
    for (const std::string list :
         {"a@example.org, b@example.org", "a@example.org,,\n b@example.org,",
          "(x, (y)) a@example.org, b@example.org", "\"A, \\\"x\" <a@example.org>, B (B, B) <b@example.org>",
          "Both: a@example.org, b@example.org;", "One: a@example.org;, Other: b@example.org;",
          "Nobody:;, a@example.org, b@example.org", "=?utf-8?q?A=2C_x?= <a@example.org>, <b@example.org>"}) {
        const auto found = addresses_in(smime::TextSource("To: " + list + "\n\n"), {"To"});
        ASSERT_TRUE(found) << list;
        EXPECT_EQ(*found, two) << list;
    }
    for (const std::string list : {"a@example.org; b@example.org", "a@example.org, b at example.org",
                                   "\"A\" a@example.org, b@example.org", "a@example.org (A, b@example.org"}) {
        EXPECT_FALSE(addresses_in(smime::TextSource("To: " + list + "\n\n"), {"To"})) << list;
    }
}

}  // namespace
}  // namespace signet::cli
