#include "smime/domain_name.h"

#include <gtest/gtest.h>

namespace signet::smime {
namespace {

TEST(AsciiDomain, IsTheOneOfDns) {
    for (const auto& [address, mapped] : {
             std::pair("alice@b\u00fccher.example", "alice@xn--bcher-kva.example"),
             std::pair("alice@B\u00dcCHER.example", "alice@xn--bcher-kva.example"),
             std::pair("alice@example\u3002org", "alice@example.org"),
             std::pair("\u00e5sa@b\u00fccher.example", "\u00e5sa@xn--bcher-kva.example"),
             std::pair("\"a@b\u00fc\"@b\u00fccher.example", "\"a@b\u00fc\"@xn--bcher-kva.example"),
             std::pair("alice@fa\u00df.example", "alice@xn--fa-hia.example"),
         }) {
        const auto result = with_ascii_domain(address);
        ASSERT_TRUE(result) << address;
        EXPECT_EQ(*result, mapped);
    }
}

TEST(AsciiDomain, LeavesAsciiAlone) {
    for (const char* address :
         {"Alice@Example.org", "alice@[192.0.2.1]", "alice", "\u00e5sa", "\u00e5sa@example.org", ""}) {
        const auto result = with_ascii_domain(address);
        ASSERT_TRUE(result) << address;
        EXPECT_EQ(*result, address);
    }
}

TEST(AsciiDomain, RefusesWhatNoDomainIsWrittenWith) {
    for (const char* address : {
             "alice@exa\u200dmple.org",
             "alice@b\u00fccher.example>",
             "alice@b\u00fc cher.example",
             "alice@b\u00fc(x)cher.example",
             "alice@b\xfc"
             "cher.example",
             "alice@ex\u2100mple.org",
             "alice@\u00fc..example",
         }) {
        const auto result = with_ascii_domain(address);
        ASSERT_FALSE(result) << *result;
        EXPECT_EQ(result.error().code, ErrorCode::malformed);
    }
}

}  // namespace
}  // namespace signet::smime
