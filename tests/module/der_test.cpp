#include "base/der.h"

#include "tests/module/test_keys.h"
#include "tests/support/octets.h"

#include <gtest/gtest.h>

namespace signet::module {
namespace {

using signet::test::octets;

TEST(Der, FindsTheFieldsOfACertificate) {
    const auto certificate = test::make_certificate(test::make_ec_key("key", {1}), "alice");
    const auto fields = parse_certificate(certificate.der);
    ASSERT_TRUE(fields.has_value());
    EXPECT_EQ(to_hex(fields->serial_number), "02021234");
    EXPECT_EQ(to_hex(fields->subject), to_hex(fields->issuer));
}

TEST(Der, RefusesEveryTruncationOfACertificate) {
    const auto certificate = test::make_certificate(test::make_ec_key("key", {1}), "alice");
    for (std::size_t size = 0; size < certificate.der.size(); ++size) {
        EXPECT_FALSE(parse_certificate(ByteView(certificate.der).first(size)).has_value()) << size;
    }
}

TEST(Der, FindsTheExtensionsOfACertificate) {
    const auto certificate = test::make_certificate(test::make_ec_key("key", {1}), "alice");
    ASSERT_TRUE(parse_extensions(certificate.der).has_value());
    for (std::size_t size = 0; size < certificate.der.size(); ++size) {
        EXPECT_FALSE(parse_extensions(ByteView(certificate.der).first(size)).has_value()) << size;
    }
}

TEST(Der, RefusesLengthsThatAreNotThereOrNotMinimal) {
    for (const auto* hex : {"30", "3080", "3003aabb", "308100", "30817f", "3082007f", "3084ffffffff",
                            "3085000000000100", "1f8101"}) {
        const Bytes der = octets(hex);
        EXPECT_FALSE(DerReader(der).next().has_value()) << hex;
    }
}

TEST(Der, ReadsLongLengths) {
    Bytes der = octets("04820100");
    der.resize(4 + 256);
    DerReader reader(der);
    const auto element = reader.next();
    ASSERT_TRUE(element.has_value());
    EXPECT_EQ(element->content.size(), 256U);
    EXPECT_TRUE(reader.at_end());
}

TEST(Der, RefusesAnRsaKeyWithoutAPositiveModulus) {
    EXPECT_TRUE(parse_rsa_public_key(octets("3006020103020103")).has_value());
    EXPECT_FALSE(parse_rsa_public_key(octets("3006020100020103")).has_value());
    EXPECT_FALSE(parse_rsa_public_key(octets("3006020183020103")).has_value());
    EXPECT_FALSE(parse_rsa_public_key(octets("30050200020103")).has_value());
    EXPECT_FALSE(parse_rsa_public_key(octets("3009020103020103020103")).has_value());
}

TEST(Der, WrapsOctetStringsOfAnyLengthThatKeysHave) {
    for (const std::size_t size : {0U, 1U, 127U, 128U, 255U, 256U, 1000U}) {
        const Bytes content(size, 0x5a);
        const Bytes der = encode_octet_string(content);
        const auto parsed = parse_octet_string(der);
        ASSERT_TRUE(parsed.has_value()) << size;
        EXPECT_EQ(Bytes(parsed->begin(), parsed->end()), content);
    }
}

}  // namespace
}  // namespace signet::module
