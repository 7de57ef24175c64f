#include "token/signature_padding.h"

#include "tests/token/verify.h"
#include "token/digest.h"

#include <gtest/gtest.h>
#include <openssl/rsa.h>

namespace signet::test {
namespace {

using token::PssParameters;

Bytes raw_private_operation(EVP_PKEY* key, const Bytes& block) {
    const x509::KeyContextPointer context(EVP_PKEY_CTX_new(key, nullptr));
    EVP_PKEY_sign_init(context.get());
    EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING);
    Bytes signature(block.size());
    std::size_t length = signature.size();
    EXPECT_EQ(EVP_PKEY_sign(context.get(), signature.data(), &length, block.data(), block.size()), 1);
    return signature;
}

Bytes info_of(const EVP_PKEY* key) {
    unsigned char* octets = nullptr;
    const int length = i2d_PUBKEY(key, &octets);
    const x509::OpensslOctets owner(octets);
    return {octets, octets + length};
}

TEST(DigestInfo, HasThePrefixOfRfc8017) {
    const Bytes encoded = token::digest_info(HashAlgorithm::sha256, Bytes(32, 0xab)).value();
    EXPECT_EQ(to_hex(encoded).substr(0, 38), "3031300d060960864801650304020105000420");
    EXPECT_EQ(encoded.size(), 51U);
    EXPECT_EQ(to_hex(token::digest_info(HashAlgorithm::sha1, Bytes(20, 0)).value()).substr(0, 30),
              "3021300906052b0e03021a05000414");
    EXPECT_EQ(to_hex(token::digest_info(HashAlgorithm::sha512, Bytes(64, 0)).value()).substr(0, 38),
              "3051300d060960864801650304020305000440");
}

TEST(DigestInfo, RefusesADigestOfTheWrongLength) {
    EXPECT_EQ(token::digest_info(HashAlgorithm::sha256, Bytes(31, 0)).error().code,
              ErrorCode::invalid_parameter);
}

TEST(Pkcs1SignatureBlock, IsFilledWithOnesUpToTheDigestInfo) {
    const Bytes block = token::pkcs1_signature_block(Bytes{1, 2, 3}, 16).value();
    EXPECT_EQ(to_hex(block), "0001ffffffffffffffffffff00010203");
}

TEST(Pkcs1SignatureBlock, KeepsEightOctetsOfPadding) {
    EXPECT_TRUE(token::pkcs1_signature_block(Bytes(117, 1), 128));
    EXPECT_EQ(token::pkcs1_signature_block(Bytes(118, 1), 128).error().code, ErrorCode::invalid_parameter);
}

// With moduli of 1024 to 1031 bits the length of the encoded message takes every position in its octet.
class PssPaddingOfModulus : public testing::TestWithParam<unsigned> {};

TEST_P(PssPaddingOfModulus, IsAcceptedByOpenssl) {
    const x509::KeyPointer key(EVP_RSA_gen(GetParam()));
    const Bytes message{'m'};
    const PssParameters parameters{
        .hash = HashAlgorithm::sha256, .mask_hash = HashAlgorithm::sha1, .salt_length = 20};
    const Bytes digest = token::digest(HashAlgorithm::sha256, message).value();
    const Bytes block = token::pss_signature_block(parameters, digest, GetParam()).value();
    EXPECT_TRUE(verifies_pss(info_of(key.get()), HashAlgorithm::sha256, HashAlgorithm::sha1, 20, message,
                             raw_private_operation(key.get(), block)));
}

INSTANTIATE_TEST_SUITE_P(Moduli, PssPaddingOfModulus, testing::Values(1024U, 1025U, 1028U, 1031U));

TEST(PssPadding, RefusesADigestOfTheWrongLength) {
    const PssParameters parameters{.hash = HashAlgorithm::sha256, .mask_hash = HashAlgorithm::sha256};
    EXPECT_EQ(token::pss_signature_block(parameters, Bytes(20, 0), 2048).error().code,
              ErrorCode::invalid_parameter);
}

TEST(PssPadding, RefusesASaltThatDoesNotFit) {
    PssParameters parameters{
        .hash = HashAlgorithm::sha512, .mask_hash = HashAlgorithm::sha512, .salt_length = 62};
    EXPECT_TRUE(token::pss_signature_block(parameters, Bytes(64, 0), 1024));
    parameters.salt_length = 63;
    EXPECT_EQ(token::pss_signature_block(parameters, Bytes(64, 0), 1024).error().code,
              ErrorCode::invalid_parameter);
    parameters.salt_length = 0xffffffff;
    EXPECT_EQ(token::pss_signature_block(parameters, Bytes(64, 0), 1024).error().code,
              ErrorCode::invalid_parameter);
}

TEST(PssPadding, TakesAFreshSaltEachTime) {
    const PssParameters parameters{
        .hash = HashAlgorithm::sha256, .mask_hash = HashAlgorithm::sha256, .salt_length = 32};
    EXPECT_NE(token::pss_signature_block(parameters, Bytes(32, 0), 2048).value(),
              token::pss_signature_block(parameters, Bytes(32, 0), 2048).value());
}

}  // namespace
}  // namespace signet::test
