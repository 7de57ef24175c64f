#include "ssh/message.h"

#include "tests/support/octets.h"

#include <gtest/gtest.h>

namespace signet::ssh {
namespace {

using signet::test::octets;

Bytes sign_request(ByteView key, ByteView data, std::uint32_t flags) {
    WireWriter writer;
    writer.string(key);
    writer.string(data);
    writer.number(flags);
    return writer.take();
}

TEST(SshWire, ReadsWhatItWrites) {
    WireWriter writer;
    writer.octet(7);
    writer.number(0x01020304);
    writer.string("text");
    writer.positive_integer(octets("00ff"));
    const Bytes written = writer.take();
    EXPECT_EQ(to_hex(written),
              "07010203040000000474657874"
              "0000000200ff");
    WireReader reader(written);
    EXPECT_EQ(reader.octet(), 7);
    EXPECT_EQ(reader.number(), 0x01020304U);
    EXPECT_EQ(reader.text(), "text");
    EXPECT_EQ(to_hex(reader.positive_integer()), "ff");
    EXPECT_TRUE(reader.complete());
}

TEST(SshWire, ReadsNothingBehindWhatIsNotThere) {
    for (const auto* hex : {"", "00", "00000001", "ffffffff", "ffffffff00", "7fffffff0000"}) {
        const Bytes input = octets(hex);
        WireReader reader(input);
        EXPECT_TRUE(reader.string().empty()) << hex;
        EXPECT_TRUE(reader.failed()) << hex;
        EXPECT_EQ(reader.octet(), 0) << hex;
        EXPECT_FALSE(reader.complete()) << hex;
    }
}

TEST(SshWire, RefusesNumbersThatAreNegativeZeroOrTooLong) {
    for (const auto* hex : {"00000000", "0000000100", "0000000180", "000000020001", "00000003000080"}) {
        const Bytes input = octets(hex);
        WireReader reader(input);
        reader.positive_integer();
        EXPECT_TRUE(reader.failed()) << hex;
    }
}

TEST(SshMessage, ReadsASignRequest) {
    const Bytes contents = sign_request(as_bytes("key"), as_bytes("data"), 4);
    const auto request = parse_sign_request(contents);
    ASSERT_TRUE(request);
    EXPECT_EQ(as_text(request->key), "key");
    EXPECT_EQ(as_text(request->data), "data");
    EXPECT_EQ(request->flags, 4U);
}

TEST(SshMessage, RefusesEveryTruncationAndExtensionOfASignRequest) {
    Bytes contents = sign_request(as_bytes("key"), as_bytes("data"), 4);
    for (std::size_t size = 0; size < contents.size(); ++size) {
        EXPECT_FALSE(parse_sign_request(ByteView(contents).first(size))) << size;
    }
    contents.push_back(0);
    EXPECT_FALSE(parse_sign_request(contents));
}

TEST(SshMessage, TakesExtensionsApart) {
    const Bytes contents = octets("0000000571756572790102");
    const auto request = parse_extension_request(contents);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->name, "query");
    EXPECT_EQ(to_hex(request->contents), "0102");
    EXPECT_FALSE(parse_extension_request(ByteView(contents).first(8)));
}

TEST(SshMessage, AnswersInFrames) {
    EXPECT_EQ(to_hex(encode_status(MessageType::failure)), "0000000105");
    EXPECT_EQ(to_hex(encode_identities({})), "000000050c00000000");
    EXPECT_EQ(to_hex(encode_identities({{.blob = {1, 2}, .comment = "me"}})),
              "000000110c0000000100000002010200000002"
              "6d65");
    EXPECT_EQ(to_hex(encode_signature(octets("aabb"))), "000000070e00000002aabb");
}

// RFC 9987 section 5.8.1: the name of the request, then those of all extensions.
TEST(SshMessage, TellsItsExtensions) {
    const Bytes answer = encode_query_answer();
    WireReader reader(answer);
    EXPECT_EQ(reader.number(), answer.size() - length_size);
    EXPECT_EQ(reader.octet(), 29);
    EXPECT_EQ(reader.text(), "query");
    EXPECT_EQ(reader.text(), "query");
    EXPECT_EQ(reader.text(), "session-bind@openssh.com");
    EXPECT_TRUE(reader.complete());
}

}  // namespace
}  // namespace signet::ssh
