#include "base/secret.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace signet {
namespace {

TEST(Secret, TravelsThroughAPipeUnchanged) {
    const auto secret = Secret::copy_of(as_bytes("123456"));
    const auto pipe = secret->to_pipe();
    const auto received = Secret::read_from(pipe.value());
    EXPECT_EQ(as_text(received->expose()), "123456");
}

TEST(Secret, TakesExactlyItsMaximum) {
    const std::string longest(Secret::max_size, 'x');
    const auto secret = Secret::copy_of(as_bytes(longest));
    ASSERT_TRUE(secret);
    EXPECT_EQ(Secret::read_from(secret->to_pipe().value())->size(), Secret::max_size);
}

TEST(Secret, RefusesMoreThanItsMaximum) {
    const std::string too_long(Secret::max_size + 1, 'x');
    EXPECT_EQ(Secret::copy_of(as_bytes(too_long)).error().code, ErrorCode::too_large);
    auto pipe = make_pipe();
    ASSERT_EQ(write(pipe->write_end.get(), too_long.data(), too_long.size()),
              static_cast<ssize_t>(too_long.size()));
    pipe->write_end.close();
    EXPECT_EQ(Secret::read_from(pipe->read_end).error().code, ErrorCode::too_large);
}

TEST(Secret, DropsOneLineEndAndNoMore) {
    for (const auto* text : {"12\n", "12\r\n", "12"}) {
        auto secret = Secret::copy_of(as_bytes(text));
        secret->strip_line_end();
        EXPECT_EQ(as_text(secret->expose()), "12");
    }
    auto two = Secret::copy_of(as_bytes("12\n\n"));
    two->strip_line_end();
    EXPECT_EQ(as_text(two->expose()), "12\n");
}

TEST(Secret, IsEmptyAfterBeingMovedFrom) {
    auto secret = Secret::copy_of(as_bytes("123456"));
    const Secret moved = std::move(*secret);
    EXPECT_EQ(moved.size(), 6U);
    EXPECT_TRUE(secret->empty());
}

TEST(Secret, AppendsUpToItsCapacityOnly) {
    Secret secret(4);
    EXPECT_TRUE(secret.append(as_bytes("123")));
    EXPECT_EQ(secret.append(as_bytes("45")).error().code, ErrorCode::too_large);
    EXPECT_EQ(as_text(secret.expose()), "123");
}

TEST(Secret, IsReadFromHexadecimalDigits) {
    const auto octets_of = [](std::string_view digits) {
        return Secret::copy_of(as_bytes(digits))->from_hex_digits();
    };
    const auto key = octets_of("00fFA1");
    ASSERT_TRUE(key);
    EXPECT_EQ(to_hex(key->expose()), "00ffa1");
    for (const char* wrong : {"", "0", "0g", "00 ff", "00ff\n"}) {
        EXPECT_FALSE(octets_of(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace signet
