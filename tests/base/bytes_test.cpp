#include "base/bytes.h"

#include <gtest/gtest.h>

namespace signet {
namespace {

TEST(Base64, EncodesTheVectorsOfRfc4648) {
    EXPECT_EQ(to_base64(as_bytes("")), "");
    EXPECT_EQ(to_base64(as_bytes("f")), "Zg==");
    EXPECT_EQ(to_base64(as_bytes("fo")), "Zm8=");
    EXPECT_EQ(to_base64(as_bytes("foo")), "Zm9v");
    EXPECT_EQ(to_base64(as_bytes("foob")), "Zm9vYg==");
    EXPECT_EQ(to_base64(as_bytes("fooba")), "Zm9vYmE=");
    EXPECT_EQ(to_base64(as_bytes("foobar")), "Zm9vYmFy");
}

TEST(Base64, DecodesWhatItEncodes) {
    Bytes octets;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(from_base64(to_base64(octets)).value(), octets) << i;
        octets.push_back(static_cast<std::uint8_t>(i * 7));
    }
}

TEST(Base64, RefusesEverythingThatIsNotCanonical) {
    for (const auto* text :
         {"Z", "Zg", "Zg=", "Zg==\n", "Zm9v ", "Zm=v", "====", "Zh==", "Zm9=", "Zm9\xff", "=Zg="}) {
        EXPECT_FALSE(from_base64(text)) << text;
    }
}

TEST(Hexadecimal, DecodesBothCasesAndEncodesLower) {
    EXPECT_EQ(to_hex(from_hex("00AbfF").value()), "00abff");
}

TEST(Hexadecimal, RefusesOddCountsAndOtherCharacters) {
    EXPECT_FALSE(from_hex("0"));
    EXPECT_FALSE(from_hex("0g"));
    EXPECT_FALSE(from_hex(" 0"));
}

TEST(ConstantTimeComparison, ComparesContentAndLength) {
    EXPECT_TRUE(equal_constant_time(as_bytes("abc"), as_bytes("abc")));
    EXPECT_FALSE(equal_constant_time(as_bytes("abc"), as_bytes("abd")));
    EXPECT_FALSE(equal_constant_time(as_bytes("abc"), as_bytes("ab")));
}

TEST(PrintableUtf8, KeepsTextAndReplacesWhatIsNotText) {
    EXPECT_EQ(printable_utf8("Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x94\x91"),
              "Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x94\x91");
    EXPECT_EQ(printable_utf8("a\x1b[31m\n\x7f"), "a [31m  ");
    EXPECT_EQ(printable_utf8("\xff"), "\xef\xbf\xbd");
}

TEST(PrintableUtf8, StaysOnOneLine) {
    EXPECT_EQ(printable_utf8("a\xc2\x85"
                             "b\xc2\x9b"
                             "31m\xe2\x80\xa8"
                             "c\xe2\x80\xa9"
                             "d"),
              "a b 31m c d")
        << "U+0085, U+009B, U+2028, U+2029";
}

TEST(PrintableUtf8, ShowsThatThereIsWhatCannotBeSeen) {
    for (const std::string_view hidden :
         {"\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x80\x8f", "\xd8\x9c", "\xe2\x80\x8b", "\xc2\xad",
          "\xef\xbb\xbf", "\xe2\x81\xa0", "\xf3\xa0\x81\xa1"}) {
        EXPECT_EQ(printable_utf8("al" + std::string(hidden) + "ice"), "al\xef\xbf\xbdice")
            << to_hex(as_bytes(hidden));
    }
}

TEST(PrintableUtf8, KeepsWhatJoinsAndPartsLetters) {
    const std::string persian = "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae\xd9\x88\xd8\xa7\xd9\x87\xd9\x85";
    EXPECT_EQ(printable_utf8(persian), persian);
}

TEST(PrintableUtf8, ReplacesOverlongSurrogateAndTruncatedSequences) {
    constexpr std::string_view replacement = "\xef\xbf\xbd";
    for (const std::string_view text :
         {"\xc0\xaf", "\xed\xa0\x80", "\xe2\x82", "\xf4\x90\x80\x80", "\xe0\x80\x80"}) {
        const auto printed = printable_utf8(text);
        EXPECT_EQ(printed.size(), text.size() * replacement.size());
        EXPECT_TRUE(printed.starts_with(replacement));
    }
}

}  // namespace
}  // namespace signet
