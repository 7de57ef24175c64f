#include "smime/transfer_encoding.h"

#include "smime/digest.h"
#include "tests/smime/transfer_decoding.h"

#include <gtest/gtest.h>

namespace signet::smime {
namespace {

using test::decode_transfer;

template <class Encoder>
std::string encoded(std::string_view octets, std::size_t piece_size) {
    TextSink out;
    Encoder encoder(out);
    while (!octets.empty()) {
        const std::string_view piece = octets.substr(0, piece_size);
        EXPECT_TRUE(encoder.write(piece));
        octets.remove_prefix(piece.size());
    }
    EXPECT_TRUE(encoder.finish());
    return out.take();
}

std::string all_octets(std::size_t count) {
    std::string octets;
    for (std::size_t i = 0; i < count; ++i) {
        octets += static_cast<char>(i * 7 + i / 256);
    }
    return octets;
}

constexpr std::size_t whole = std::string::npos;

TEST(Base64Sink, KnowsTheVectorsOfRfc4648) {
    EXPECT_EQ(encoded<Base64Sink>("", whole), "");
    EXPECT_EQ(encoded<Base64Sink>("f", whole), "Zg==\r\n");
    EXPECT_EQ(encoded<Base64Sink>("fo", whole), "Zm8=\r\n");
    EXPECT_EQ(encoded<Base64Sink>("foo", whole), "Zm9v\r\n");
    EXPECT_EQ(encoded<Base64Sink>("foobar", whole), "Zm9vYmFy\r\n");
}

TEST(Base64Sink, WritesTheSameHoweverItsInputIsCut) {
    const std::string octets = all_octets(1000);
    const std::string expected = encoded<Base64Sink>(octets, whole);
    EXPECT_EQ(decode_transfer(expected, TransferEncoding::base64), octets);
    for (const std::size_t size : {1U, 2U, 56U, 57U, 58U, 400U}) {
        EXPECT_EQ(encoded<Base64Sink>(octets, size), expected) << size;
    }
}

TEST(Base64Sink, EndsLinesOfSeventySixCharactersAsAsked) {
    TextSink out;
    Base64Sink encoder(out, LineEnding::lf);
    ASSERT_TRUE(encoder.write(all_octets(58)));
    ASSERT_TRUE(encoder.finish());
    EXPECT_EQ(out.text().find('\n'), 76U);
    EXPECT_EQ(out.text().find('\r'), std::string::npos);
}

TEST(QuotedPrintableSink, ProtectsWhatTransportsChange) {
    EXPECT_EQ(encoded<QuotedPrintableSink>("From me \r\nx\t\r\n=\r\n", whole),
              "=46rom me=20\r\nx=09\r\n=3D\r\n");
    EXPECT_EQ(encoded<QuotedPrintableSink>("a\nb\rc", whole), "a=0Ab=0Dc");
    EXPECT_EQ(encoded<QuotedPrintableSink>("ends in a blank ", whole), "ends in a blank=20");
}

TEST(QuotedPrintableSink, WritesNothingThatLooksLikeABoundary) {
    EXPECT_EQ(encoded<QuotedPrintableSink>("--outer--\r\n", whole), "=2D-outer--\r\n");
    const std::string late = encoded<QuotedPrintableSink>(std::string(75, 'x') + "--outer", whole);
    EXPECT_EQ(late, std::string(75, 'x') + "=\r\n=2D-outer");
}

TEST(QuotedPrintableSink, WritesTheSameHoweverItsInputIsCut) {
    const std::string octets =
        "From here \r\n" + std::string(500, 'x') + " \r\n-- \r\n" + all_octets(600) + "\r\nFrom\r\n";
    const std::string expected = encoded<QuotedPrintableSink>(octets, whole);
    EXPECT_EQ(decode_transfer(expected, TransferEncoding::quoted_printable), octets);
    for (const std::size_t size : {1U, 2U, 5U, 6U, 77U}) {
        EXPECT_EQ(encoded<QuotedPrintableSink>(octets, size), expected) << size;
    }
}

TEST(QuotedPrintableSink, KeepsLinesWithinSeventySixCharacters) {
    const std::string text =
        encoded<QuotedPrintableSink>(std::string(500, 'x') + std::string(200, '\xff'), whole);
    std::string_view rest = text;
    while (!rest.empty()) {
        EXPECT_LE(without_line_break(take_line(rest)).size(), 76U);
    }
}

TEST(LfSink, TurnsCrlfIntoLfHoweverItsInputIsCut) {
    const std::string_view text = "a\r\nb\rc\r\r\nd\n\r\n";
    for (std::size_t size = 1; size <= text.size(); ++size) {
        TextSink out;
        LfSink converter(out);
        for (std::size_t i = 0; i < text.size(); i += size) {
            ASSERT_TRUE(converter.write(text.substr(i, size)));
        }
        EXPECT_EQ(out.text(), "a\nb\rc\r\nd\n\n") << size;
    }
}

TEST(BlockSink, KeepsTheOrderOfSmallAndLargePieces) {
    TextSink out;
    BlockSink blocks(out);
    std::string expected;
    for (const std::size_t size : {1U, 300000U, 5U, 200000U, 100000U, 0U, 7U}) {
        const std::string piece = all_octets(size);
        expected += piece;
        ASSERT_TRUE(blocks.write(piece));
    }
    ASSERT_TRUE(blocks.flush());
    EXPECT_TRUE(out.text() == expected);
}

}  // namespace
}  // namespace signet::smime
