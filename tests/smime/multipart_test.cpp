#include "smime/multipart.h"

#include "smime/line_endings.h"

#include <gtest/gtest.h>

namespace signet::smime {
namespace {

using Parts = std::vector<std::string_view>;

TEST(MultipartScanner, LeavesTheLineBreakBeforeABoundaryToTheBoundary) {
    const auto multipart = scan_multipart("--b\r\n1\r\n\r\n--b\r\n2\r\n--b--\r\n", "b");
    ASSERT_TRUE(multipart);
    EXPECT_EQ(multipart->parts, (Parts{"1\r\n", "2"}));
    EXPECT_TRUE(multipart->closed);
}

TEST(MultipartScanner, ReadsLfAndBlanksAfterBoundaries) {
    const auto multipart = scan_multipart("pre\n--b \t\n1\n--b\n2\n--b-- \nepi", "b");
    ASSERT_TRUE(multipart);
    EXPECT_EQ(multipart->preamble, "pre");
    EXPECT_EQ(multipart->parts, (Parts{"1", "2"}));
    EXPECT_EQ(multipart->epilogue, "epi");
}

TEST(MultipartScanner, IsNotMisledByABoundaryThatBeginsLikeIt) {
    const auto multipart = scan_multipart("--b\n--bb\n--b-\n --b\n--b--\n", "b");
    ASSERT_TRUE(multipart);
    EXPECT_EQ(multipart->parts, (Parts{"--bb\n--b-\n --b"}));
}

TEST(MultipartScanner, KeepsAnEmptyPart) {
    const auto multipart = scan_multipart("--b\r\n--b\r\n\r\n--b--", "b");
    ASSERT_TRUE(multipart);
    EXPECT_EQ(multipart->parts, (Parts{"", ""}));
}

TEST(MultipartScanner, SaysThatTheLastBoundaryIsMissing) {
    const auto multipart = scan_multipart("--b\n1\n--b\n2\n", "b");
    ASSERT_TRUE(multipart);
    EXPECT_FALSE(multipart->closed);
    EXPECT_EQ(multipart->parts, (Parts{"1", "2\n"}));
}

TEST(MultipartScanner, RefusesWhatHasNoBoundary) {
    EXPECT_EQ(scan_multipart("text\n", "b").error().code, ErrorCode::malformed);
    EXPECT_EQ(scan_multipart("--\n", "").error().code, ErrorCode::malformed);
}

TEST(MultipartScanner, BoundsTheNumberOfParts) {
    std::string body;
    for (int i = 0; i < 10010; ++i) {
        body += "--b\n";
    }
    EXPECT_EQ(scan_multipart(body, "b").error().code, ErrorCode::too_large);
}

TEST(LineEndings, AreConvertedBothWays) {
    EXPECT_EQ(to_crlf("a\nb\r\nc\rd"), "a\r\nb\r\nc\rd");
    EXPECT_EQ(to_lf("a\nb\r\nc\rd"), "a\nb\nc\rd");
    EXPECT_TRUE(has_only_lf("a\nb"));
    EXPECT_FALSE(has_only_lf("a\nb\r\n"));
    EXPECT_TRUE(has_only_crlf("a\r\nb"));
    EXPECT_FALSE(has_only_crlf("a\r\r\nb"));
}

}  // namespace
}  // namespace signet::smime
