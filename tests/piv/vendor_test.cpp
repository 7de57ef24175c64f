#include "piv/vendor.h"

#include "piv/key_algorithm.h"
#include "tests/piv/scripted_card.h"

#include <gtest/gtest.h>

namespace signet::piv {
namespace {

using test::ScriptedCard;

TEST(FirmwareVersion, IsThreeOctets) {
    ScriptedCard card({"0504039000", "05049000", "6d00"});
    EXPECT_EQ(text_of(*firmware_version({card})), "5.4.3");
    EXPECT_EQ(firmware_version({card}).error().code, ErrorCode::unsupported);
    EXPECT_EQ(firmware_version({card}).error().code, ErrorCode::unsupported);
    EXPECT_EQ(card.commands[0], "00fd000000");
}

TEST(SerialNumber, IsANumber) {
    ScriptedCard card({"00bc614e9000", "6d00"});
    EXPECT_EQ(serial_number({card}), 12345678U);
    EXPECT_EQ(serial_number({card}).error().code, ErrorCode::unsupported);
}

TEST(Metadata, IsReadForAKey) {
    const auto metadata = metadata_of(*from_hex("01010702020203030102040381010f"));
    ASSERT_TRUE(metadata);
    EXPECT_EQ(metadata->algorithm, 7);
    EXPECT_EQ(metadata->pin_policy, KeyPinPolicy::once);
    EXPECT_EQ(metadata->touch_policy, KeyTouchPolicy::cached);
    EXPECT_EQ(metadata->origin, KeyOrigin::imported);
    EXPECT_EQ(to_hex(metadata->public_key), "81010f");
}

TEST(Metadata, IsReadForAPin) {
    const auto metadata = metadata_of(*from_hex("0101ff05010106020302"));
    ASSERT_TRUE(metadata);
    EXPECT_EQ(metadata->is_default, true);
    EXPECT_EQ(metadata->tries_total, 3);
    EXPECT_EQ(metadata->tries_left, 2);
    EXPECT_FALSE(metadata->pin_policy);
}

TEST(Metadata, LeavesOutPoliciesThatNobodyKnows) {
    const auto metadata = metadata_of(*from_hex("010107020204090301090600"));
    ASSERT_TRUE(metadata);
    EXPECT_FALSE(metadata->pin_policy);
    EXPECT_FALSE(metadata->touch_policy);
    EXPECT_FALSE(metadata->origin);
    EXPECT_FALSE(metadata->tries_left);
    EXPECT_FALSE(metadata_of(*from_hex("0200")));
    EXPECT_FALSE(metadata_of(*from_hex("0109")));
}

TEST(GetMetadata, TellsNoKeyFromNoCommand) {
    ScriptedCard card({"0101079000", "6a88", "6d00"});
    EXPECT_EQ(to_hex(get_metadata({card}, 0x9a).value()), "010107");
    EXPECT_EQ(get_metadata({card}, 0x9a).error().code, ErrorCode::key_not_found);
    EXPECT_EQ(get_metadata({card}, 0x9a).error().code, ErrorCode::unsupported);
    EXPECT_EQ(card.commands[0], "00f7009a00");
}

TEST(KeyAlgorithms, HaveOneNameEach) {
    for (int i = 0; i <= static_cast<int>(KeyAlgorithm::x25519); ++i) {
        const auto term = static_cast<KeyAlgorithm>(i);
        const auto algorithm = algorithm_of(term);
        EXPECT_EQ(algorithm.has_value(), term != KeyAlgorithm::p521);
        if (algorithm) {
            EXPECT_EQ(key_algorithm_of(*algorithm), term);
        }
    }
    EXPECT_FALSE(key_algorithm_of(Algorithm::aes128));
}

TEST(PublicKeys, AreMadeOfWhatTheCardTells) {
    const auto key = public_key_of(Algorithm::x25519, *from_hex("8620" + std::string(64, '5')));
    ASSERT_TRUE(key) << key.error().detail;
    EXPECT_EQ(key->type, KeyType::x25519);
    EXPECT_EQ(algorithm_of(*key), Algorithm::x25519);
    EXPECT_FALSE(public_key_of(Algorithm::p256, *from_hex("8620" + std::string(64, '5'))));
    EXPECT_FALSE(public_key_of(Algorithm::rsa2048, *from_hex("8103010001")));
}

}  // namespace
}  // namespace signet::piv
