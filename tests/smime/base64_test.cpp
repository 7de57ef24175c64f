#include "smime/base64.h"

#include "base/bytes.h"
#include "tests/smime/transfer_decoding.h"

#include <gtest/gtest.h>

#include <random>

namespace signet::smime {
namespace {

using test::decode_transfer;

// Decoded in pieces of that size.
std::string decoded(std::string_view text, std::size_t piece) {
    Base64Decoder decoder;
    std::string result;
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
        std::string out(Base64Decoder::room_for(std::min(piece, text.size())), '\0');
        out.resize(decoder.decode(text.substr(0, piece), out));
        result += out;
    }
    return result;
}

TEST(Base64, StopsAtTheFirstPadding) {
    EXPECT_EQ(decoded("QQ==", 4), "A");
    EXPECT_EQ(decoded("QUI=", 1), "AB");
    EXPECT_EQ(decoded("QUJD", 3), "ABC");
    EXPECT_EQ(decoded("QUJDQQ=junk", 5), "ABCA");
    EXPECT_EQ(decoded("QUI=QUJD", 100), "AB");
    EXPECT_EQ(decoded("Q=QQ", 100), "");
    EXPECT_EQ(decoded("QUJDRA", 100), "ABC");
}

TEST(Base64, IsDecodedAsGmimeDoes) {
    // Mostly of the alphabet, so that long stretches are decoded, with all kinds of junk between them.
    constexpr std::string_view common = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::mt19937 random(1);
    for (int round = 0; round < 2000; ++round) {
        const unsigned int junk_rate = 1U << (random() % 10);
        const std::size_t size = random() % 500;
        std::string text;
        for (std::size_t i = 0; i < size; ++i) {
            const bool junk = random() % junk_rate == 0;
            text += junk ? static_cast<char>(random()) : common[random() % common.size()];
        }
        if (round % 2 == 0) {
            std::erase(text, '=');
        }
        const std::string expected = decode_transfer(text, TransferEncoding::base64);
        EXPECT_EQ(to_hex(as_bytes(decoded(text, 1 + random() % 100))), to_hex(as_bytes(expected))) << text;
        EXPECT_EQ(to_hex(as_bytes(decoded(text, 1000))), to_hex(as_bytes(expected))) << text;
    }
}

}  // namespace
}  // namespace signet::smime
