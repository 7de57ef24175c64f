#include "piv/tlv.h"

#include "tests/support/octets.h"

#include <gtest/gtest.h>

namespace signet::piv {
namespace {

using signet::test::octets;

TEST(Tlv, HasTagsOfOneToThreeOctets) {
    const Bytes data = octets(
        "530101"
        "7f490102"
        "5fc105020304");
    const auto elements = parse_tlvs(data);
    ASSERT_TRUE(elements);
    ASSERT_EQ(elements->size(), 3U);
    EXPECT_EQ(elements->at(0).tag, 0x53U);
    EXPECT_EQ(elements->at(1).tag, 0x7f49U);
    EXPECT_EQ(elements->at(2).tag, 0x5fc105U);
    EXPECT_EQ(to_hex(elements->at(2).value), "0304");
}

TEST(Tlv, MayBePadded) {
    const Bytes data = octets(
        "00ff"
        "530101"
        "0000ff");
    EXPECT_EQ(parse_tlvs(data)->size(), 1U);
}

TEST(Tlv, IsMalformedWhereItEndsEarly) {
    for (const char* data :
         {"53", "5302ff", "5381", "538201", "53820100ff", "5380", "5384000000ff", "5fc1", "5fffffff0101"}) {
        const Bytes cut = octets(data);
        const auto elements = parse_tlvs(cut);
        ASSERT_FALSE(elements) << data;
        EXPECT_EQ(elements.error().code, ErrorCode::malformed);
    }
}

TEST(Tlv, IsReadAsItWasWritten) {
    for (const std::size_t size : {0U, 1U, 127U, 128U, 255U, 256U, 65535U, 65536U}) {
        Bytes data;
        append_tlv(data, 0x5fc102, Bytes(size, 0xab));
        EXPECT_EQ(tlv_size(data), data.size());
        const auto value = unwrap_tlv(data, 0x5fc102);
        ASSERT_TRUE(value) << size;
        EXPECT_EQ(value->size(), size);
    }
}

TEST(Tlv, KnowsItsSizeFromItsBeginning) {
    EXPECT_EQ(tlv_size(octets("53820400")), 0x404U);
    EXPECT_EQ(tlv_size(octets("5382")), std::nullopt);
}

}  // namespace
}  // namespace signet::piv
