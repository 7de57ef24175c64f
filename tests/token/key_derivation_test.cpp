#include "token/key_derivation.h"

#include <gtest/gtest.h>

namespace signet::test {
namespace {

// From NIST's CAVP vectors for ANSI X9.63-2001.
TEST(X963KeyDerivation, GivesTheKnownAnswer) {
    const Bytes shared = from_hex("96c05619d56c328ab95fe84b18264b08725b85e33fd34f08").value();
    EXPECT_EQ(to_hex(token::x963_derive(HashAlgorithm::sha256, shared, {}, 16).value()),
              "443024c3dae66b95e6f5670601558f71");
}

TEST(X963KeyDerivation, GivesMoreThanOneDigest) {
    const Bytes shared(32, 7);
    const Bytes info{1, 2, 3};
    const Bytes longer = token::x963_derive(HashAlgorithm::sha1, shared, info, 50).value();
    const Bytes shorter = token::x963_derive(HashAlgorithm::sha1, shared, info, 20).value();
    EXPECT_EQ(longer.size(), 50U);
    EXPECT_TRUE(std::equal(shorter.begin(), shorter.end(), longer.begin()));
}

TEST(X963KeyDerivation, RefusesLengthsThatNoKeyHas) {
    EXPECT_EQ(token::x963_derive(HashAlgorithm::sha1, Bytes(32, 7), {}, 0).error().code,
              ErrorCode::invalid_parameter);
    EXPECT_EQ(
        token::x963_derive(HashAlgorithm::sha1, Bytes(32, 7), {}, token::max_derived_size + 1).error().code,
        ErrorCode::invalid_parameter);
}

}  // namespace
}  // namespace signet::test
