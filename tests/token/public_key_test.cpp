#include "token/public_key.h"

#include "tests/token/verify.h"

#include <gtest/gtest.h>

namespace signet::test {
namespace {

const Bytes p256_parameters = from_hex("06082a8648ce3d030107").value();

TEST(EcPublicKey, IsTheSameFromABareAndAWrappedPoint) {
    const Bytes point = point_of(generate_ec_key("P-256").get());
    const auto bare = token::ec_public_key(p256_parameters, point);
    const auto wrapped = token::ec_public_key(p256_parameters, token::der_octet_string(point));
    ASSERT_TRUE(bare && wrapped);
    EXPECT_EQ(bare->public_key_info, wrapped->public_key_info);
    EXPECT_EQ(bare->bits, 256U);
    EXPECT_EQ(bare->curve, "1.2.840.10045.3.1.7");
}

TEST(EcPublicKey, OfP521ComesOutOfALongOctetString) {
    const Bytes point = point_of(generate_ec_key("P-521").get());
    const auto key = token::ec_public_key(from_hex("06052b81040023").value(), token::der_octet_string(point));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->bits, 521U);
}

TEST(EcPublicKey, RefusesPointsOffTheCurveAndOtherCurves) {
    Bytes point = point_of(generate_ec_key("P-256").get());
    const Bytes secp256k1 = from_hex("06052b8104000a").value();
    EXPECT_EQ(token::ec_public_key(secp256k1, point).error().code, ErrorCode::unsupported);
    point[64] ^= 1;
    EXPECT_EQ(token::ec_public_key(p256_parameters, point).error().code, ErrorCode::malformed);
    EXPECT_EQ(token::ec_public_key(p256_parameters, {}).error().code, ErrorCode::malformed);
    EXPECT_EQ(token::ec_public_key({}, point).error().code, ErrorCode::unsupported);
}

TEST(EcPublicKey, KnowsEd25519ByNameAndByIdentifier) {
    const Bytes point(32, 0x21);
    const auto by_name = token::ec_public_key(from_hex("130c656477617264733235353139").value(), point);
    const auto by_identifier =
        token::ec_public_key(from_hex("06032b6570").value(), token::der_octet_string(point));
    ASSERT_TRUE(by_name && by_identifier);
    EXPECT_EQ(by_name->type, KeyType::ed25519);
    EXPECT_EQ(by_name->public_key_info, by_identifier->public_key_info);
}

TEST(PublicKeyFromInfo, GivesTheFormByWhichKeysAreCompared) {
    const auto key = generate_ec_key("P-384");
    const auto expected = token::ec_public_key(from_hex("06052b81040022").value(), point_of(key.get()));
    EVP_PKEY_set_utf8_string_param(key.get(), "point-format", "compressed");
    unsigned char* octets = nullptr;
    const int length = i2d_PUBKEY(key.get(), &octets);
    const x509::OpensslOctets owner(octets);
    const Bytes compressed(octets, octets + length);
    const auto parsed = token::public_key_from_info(compressed);
    ASSERT_TRUE(parsed && expected);
    EXPECT_LT(compressed.size(), parsed->public_key_info.size());
    EXPECT_EQ(parsed->public_key_info, expected->public_key_info);
}

TEST(RsaPublicKey, DropsLeadingZerosOfTheModulus) {
    const x509::KeyPointer key(EVP_RSA_gen(1024));
    BIGNUM* modulus = nullptr;
    EVP_PKEY_get_bn_param(key.get(), "n", &modulus);
    const x509::BignumPointer owner(modulus);
    Bytes octets(129, 0);
    BN_bn2binpad(modulus, octets.data(), 129);
    const auto parsed = token::rsa_public_key(octets, Bytes{1, 0, 1});
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->modulus.size(), 128U);
    EXPECT_EQ(parsed->bits, 1024U);
}

TEST(RsaPublicKey, RefusesModuliThatAreTooShortOrTooLong) {
    EXPECT_EQ(token::rsa_public_key({}, Bytes{3}).error().code, ErrorCode::unsupported);
    EXPECT_EQ(token::rsa_public_key(Bytes(64, 0xff), Bytes{3}).error().code, ErrorCode::unsupported);
    EXPECT_EQ(token::rsa_public_key(Bytes(5000, 0xff), Bytes{3}).error().code, ErrorCode::unsupported);
}

TEST(PeerPoint, MustBeOnTheCurveAndUncompressed) {
    const Bytes own_point = point_of(generate_ec_key("P-256").get());
    const auto own = token::ec_public_key(p256_parameters, own_point).value();
    Bytes point = point_of(generate_ec_key("P-256").get());
    EXPECT_TRUE(token::check_peer_point(own, point));
    point[64] ^= 1;
    EXPECT_EQ(token::check_peer_point(own, point).error().code, ErrorCode::invalid_parameter);
    EXPECT_EQ(token::check_peer_point(own, point_of(generate_ec_key("P-384").get())).error().code,
              ErrorCode::invalid_parameter);
    EXPECT_EQ(token::check_peer_point(own, {}).error().code, ErrorCode::invalid_parameter);
    EXPECT_EQ(token::check_peer_point(own, Bytes{0}).error().code, ErrorCode::invalid_parameter);
}

}  // namespace
}  // namespace signet::test
