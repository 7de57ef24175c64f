#include "token/encryption_padding.h"

#include "token/constant_time.h"
#include "token/digest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace signet::test {
namespace {

constexpr std::size_t modulus_size = 256;
const Bytes secret(32, 0x42);
const Bytes ciphertext(modulus_size, 0x17);
const Bytes message{'h', 'e', 'l', 'l', 'o'};

token::SubstitutePlaintext substitute(const Bytes& of = ciphertext) {
    return token::substitute_plaintext(secret, of, modulus_size).value();
}

Bytes substitute_message(const Bytes& of = ciphertext) {
    const auto plaintext = substitute(of);
    return {plaintext.block.end() - static_cast<std::ptrdiff_t>(plaintext.length), plaintext.block.end()};
}

Bytes padded(const Bytes& content) {
    Bytes block(modulus_size, 0x5a);
    block[0] = 0;
    block[1] = 2;
    block[modulus_size - content.size() - 1] = 0;
    std::copy(content.begin(), content.end(), block.end() - static_cast<std::ptrdiff_t>(content.size()));
    return block;
}

Bytes unpadded(Bytes block) {
    return token::pkcs1_message_or_substitute(std::move(block), substitute());
}

TEST(Pkcs1Unpadding, GivesTheMessageOfAGoodBlock) {
    EXPECT_EQ(unpadded(padded(message)), message);
    EXPECT_EQ(unpadded(padded({})), Bytes());
    const Bytes longest(modulus_size - 11, 9);
    EXPECT_EQ(unpadded(padded(longest)), longest);
    const Bytes with_zeros{0, 1, 0, 2, 0};
    EXPECT_EQ(unpadded(padded(with_zeros)), with_zeros);
}

TEST(Pkcs1Unpadding, GivesTheSubstituteForEveryKindOfBadBlock) {
    const Bytes expected = substitute_message();
    Bytes block = padded(message);
    block[0] = 1;
    EXPECT_EQ(unpadded(block), expected) << "first octet";
    block = padded(message);
    block[1] = 1;
    EXPECT_EQ(unpadded(block), expected) << "block type";
    block = padded(message);
    block[9] = 0;
    EXPECT_EQ(unpadded(block), expected) << "seven octets of padding";
    block = padded(message);
    std::replace(block.begin() + 2, block.end(), std::uint8_t{0}, std::uint8_t{7});
    EXPECT_EQ(unpadded(block), expected) << "no separator";
    EXPECT_EQ(unpadded(Bytes(modulus_size, 0)), expected) << "nothing at all";
}

TEST(Pkcs1Unpadding, AcceptsEightOctetsOfPadding) {
    Bytes block = padded(message);
    block[10] = 0;
    EXPECT_EQ(unpadded(block), Bytes(block.begin() + 11, block.end()));
}

TEST(SubstitutePlaintext, DependsOnSecretAndCiphertextAlone) {
    EXPECT_EQ(substitute_message(), substitute_message());
    EXPECT_NE(substitute_message(), substitute_message(Bytes(modulus_size, 0x18)));
    const auto other = token::substitute_plaintext(Bytes(32, 0x43), ciphertext, modulus_size).value();
    EXPECT_NE(other.block, substitute().block);
}

TEST(SubstitutePlaintext, HasLengthsSpreadOverAllThatTheModulusAllows) {
    std::set<std::size_t> lengths;
    for (int i = 0; i < 1000; ++i) {
        const Bytes each{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)};
        lengths.insert(substitute(each).length);
    }
    EXPECT_LE(*lengths.rbegin(), modulus_size - 11);
    EXPECT_GT(*lengths.rbegin(), 230U);
    EXPECT_LT(*lengths.begin(), 16U);
    EXPECT_GT(lengths.size(), 200U);
}

TEST(ConstantTime, ShiftsToTheFrontByAnyDistance) {
    const Bytes octets{1, 2, 3, 4, 5};
    for (std::size_t distance = 0; distance <= octets.size(); ++distance) {
        Bytes shifted = octets;
        token::constant_time::shift_to_front(shifted, distance);
        EXPECT_TRUE(
            std::equal(octets.begin() + static_cast<std::ptrdiff_t>(distance), octets.end(), shifted.begin()))
            << distance;
    }
}

TEST(ConstantTime, ComparesLikeTheOperators) {
    for (const std::uint64_t a : {0ULL, 1ULL, 2ULL, 255ULL}) {
        EXPECT_EQ(token::constant_time::is_zero(a) != 0, a == 0);
        for (const std::uint64_t b : {0ULL, 1ULL, 2ULL, 255ULL}) {
            EXPECT_EQ(token::constant_time::less(a, b) != 0, a < b);
            EXPECT_EQ(token::constant_time::equal(a, b) != 0, a == b);
        }
    }
}

// EME-OAEP encoding as RFC 8017 section 7.1.1 has it.
Bytes oaep_padded(const token::OaepParameters& parameters, const Bytes& content) {
    const std::size_t hash_size = digest_size(parameters.hash);
    const Bytes label_hash = token::digest(parameters.hash, parameters.label).value();
    Bytes block(modulus_size, 0);
    const std::span<std::uint8_t> seed = std::span(block).subspan(1, hash_size);
    const std::span<std::uint8_t> data = std::span(block).subspan(1 + hash_size);
    std::fill(seed.begin(), seed.end(), std::uint8_t{0x33});
    std::copy(label_hash.begin(), label_hash.end(), data.begin());
    data[data.size() - content.size() - 1] = 1;
    std::copy(content.begin(), content.end(), data.end() - static_cast<std::ptrdiff_t>(content.size()));
    EXPECT_TRUE(token::apply_mgf1(parameters.mask_hash, seed, data));
    EXPECT_TRUE(token::apply_mgf1(parameters.mask_hash, data, seed));
    return block;
}

TEST(OaepUnpadding, GivesTheMessage) {
    const token::OaepParameters parameters{
        .hash = HashAlgorithm::sha256, .mask_hash = HashAlgorithm::sha1, .label = secret};
    for (const Bytes& content : {message, Bytes(), Bytes(modulus_size - 66, 1)}) {
        EXPECT_EQ(token::oaep_message(parameters, oaep_padded(parameters, content)).value(), content);
    }
}

TEST(OaepUnpadding, AnswersEveryFaultWithOneError) {
    const token::OaepParameters parameters{
        .hash = HashAlgorithm::sha256, .mask_hash = HashAlgorithm::sha256, .label = {}};
    token::OaepParameters other_label = parameters;
    other_label.label = secret;
    Bytes first_octet = oaep_padded(parameters, message);
    first_octet[0] = 1;
    Bytes damaged = oaep_padded(parameters, message);
    damaged[200] ^= 1;
    for (const auto& result :
         {token::oaep_message(other_label, oaep_padded(parameters, message)),
          token::oaep_message(parameters, first_octet), token::oaep_message(parameters, damaged),
          token::oaep_message(parameters, Bytes(modulus_size, 0)),
          token::oaep_message(parameters, Bytes(65, 0))}) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, ErrorCode::driver_failed);
        EXPECT_EQ(result.error().detail, token::oaep_failure().value().detail);
    }
}

}  // namespace
}  // namespace signet::test
