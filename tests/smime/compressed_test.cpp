#include "smime/compressed.h"

#include "smime/limits.h"
#include "tests/smime/ber_writer.h"
#include "tests/support/requirements.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace signet::smime {
namespace {

std::string zlib_of(std::string_view text) {
    uLongf size = compressBound(text.size());
    std::string out(size, '\0');
    compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
              text.size(), 9);
    out.resize(size);
    return out;
}

// The text, or the error.
std::string decompressed(const std::string& cms) {
    const TextSource source(cms);
    const auto opened = open_cms(*bare_octets(source));
    if (!opened) {
        return opened.error().detail;
    }
    TextSink text;
    const auto done = decompress(*opened, text);
    return done ? text.text() : std::string(error_name(done.error().code));
}

TEST(CompressedData, IsReadWhole) {
    std::string text = "Content-Type: text/plain\r\n\r\n";
    for (int i = 0; i < 100'000; ++i) {
        text += std::to_string(i);
    }
    EXPECT_EQ(decompressed(test::compressed_data(zlib_of(text))), text);
    EXPECT_EQ(decompressed(test::compressed_data(zlib_of(""))), "");
}

TEST(CompressedData, OfTheCorpusIsRead) {
    SIGNET_REQUIRE_CORPUS("asn1crypto");
    const auto folder = signet::test::corpora() / "asn1crypto";
    for (const char* name : {"cms-compressed.der", "cms-compressed.pem"}) {
        EXPECT_EQ(decompressed(signet::test::read_file(folder / name)),
                  "This is the message to encapsulate in PKCS#7/CMS\n");
    }
}

TEST(CompressedData, IsMalformedWhenItIsNotAllThereIs) {
    const std::string zlib = zlib_of("some text that is compressed");
    EXPECT_EQ(decompressed(test::compressed_data(zlib.substr(0, zlib.size() - 1))), "Malformed");
    EXPECT_EQ(decompressed(test::compressed_data(zlib + "x")), "Malformed");
    EXPECT_EQ(decompressed(test::compressed_data("x" + zlib)), "Malformed");
    EXPECT_EQ(decompressed(test::compressed_data("")), "Malformed");
    EXPECT_EQ(decompressed(test::signed_data(test::element(test::octet_string, zlib))), "NotFound");
}

TEST(CompressedData, IsRefusedWhenItGrowsBeyondMeasure) {
    const std::string bomb(static_cast<std::size_t>(free_expanded_size) + 1, 'x');
    EXPECT_EQ(decompressed(test::compressed_data(zlib_of(bomb))), "TooLarge");
    EXPECT_EQ(decompressed(test::compressed_data(zlib_of(bomb.substr(1)))), bomb.substr(1));
}

}  // namespace
}  // namespace signet::smime
