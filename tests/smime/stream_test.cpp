#include "smime/digest.h"
#include "smime/file_stream.h"
#include "smime/spool.h"
#include "smime/transfer_reader.h"
#include "tests/support/temporary_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/objects.h>

#include <cstdlib>

namespace signet::smime {
namespace {

std::string pattern(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<char>('a' + i * 31 % 26);
    }
    return text;
}

std::string all_of(const Source& source) {
    return read_all(source, {0, source.size()}, std::size_t{64} << 20).value();
}

TEST(Spool, GivesBackWhatItTookFromAnyPlace) {
    for (const std::size_t size : {std::size_t{10}, Spool::memory_size, 3 * Spool::memory_size + 5}) {
        const std::string text = pattern(size);
        Spool spool;
        for (std::size_t i = 0; i < size; i += 100'001) {
            ASSERT_TRUE(spool.write(std::string_view(text).substr(i, 100'001)));
        }
        EXPECT_EQ(spool.size(), size);
        EXPECT_TRUE(all_of(spool) == text) << size;
        std::string piece(7, '\0');
        ASSERT_EQ(spool.read(size - 9, piece).value(), 7U);
        EXPECT_EQ(piece, text.substr(size - 9, 7));
    }
}

TEST(Spool, ForgetsWhatWasWrittenBeforeItWasStartedOver) {
    for (const std::size_t size : {std::size_t{10}, 2 * Spool::memory_size}) {
        Spool spool;
        ASSERT_TRUE(spool.write(std::string(size, 'a')));
        ASSERT_TRUE(spool.restart());
        ASSERT_TRUE(spool.write("b"));
        EXPECT_EQ(read_all(spool, {0, spool.size()}, size).value_or(""), "b");
    }
}

TEST(Spool, LeavesNoNameOnTheDisk) {
    const signet::test::TemporaryDirectory folder;
    setenv("TMPDIR", folder.path().c_str(), 1);
    Spool spool;
    ASSERT_TRUE(spool.write(pattern(Spool::memory_size + 1)));
    unsetenv("TMPDIR");
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Reader, IsRefusedBeyondTheLimit) {
    EXPECT_EQ(read_all(TextSource("12345"), {0, 5}, 5).value(), "12345");
    EXPECT_EQ(read_all(TextSource("12345"), {0, 5}, 4).error().code, ErrorCode::too_large);
}

TEST(Source, IsTheFileItselfOrASpoolOfThePipe) {
    const signet::test::TemporaryDirectory folder;
    const std::string path = folder / "file";
    FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    FileSink sink(file);
    ASSERT_TRUE(sink.write("from a file"));
    const auto from_file = source_of(FileDescriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC)));
    EXPECT_EQ(all_of(**from_file), "from a file");

    auto pipe = make_pipe();
    FileSink writer(pipe->write_end);
    ASSERT_TRUE(writer.write("from a pipe"));
    pipe->write_end.close();
    const auto from_pipe = source_of(std::move(pipe->read_end));
    EXPECT_EQ(all_of(**from_pipe), "from a pipe");
}

TEST(TransferReader, DecodesAcrossBlocks) {
    const std::string text = pattern(stream_block_size);
    std::string encoded = to_base64(as_bytes(text));
    for (std::size_t i = 76; i < encoded.size(); i += 77) {
        encoded.insert(i, "\n");
    }
    const TextSource source(encoded);
    RangeReader reader(source);
    TransferReader decoder(reader, TransferEncoding::base64);
    EXPECT_TRUE(read_all(decoder, std::size_t{1} << 20).value() == text);
}

TEST(CrlfSink, CompletesLineBreaksWhereverTheTextIsCut) {
    const std::string text = "1\n2\r\n3\r4\n\n\r\n5";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        TextSink result;
        CrlfSink sink(result);
        ASSERT_TRUE(sink.write(text.substr(0, cut)));
        ASSERT_TRUE(sink.write(text.substr(cut)));
        EXPECT_EQ(result.text(), "1\r\n2\r\n3\r4\r\n\r\n\r\n5");
    }
}

TEST(DigestSink, HashesWithSeveralAlgorithms) {
    DigestSink sink({NID_sha1, NID_sha256, NID_undef});
    ASSERT_TRUE(sink.write("ab"));
    ASSERT_TRUE(sink.write("c"));
    const auto digests = sink.finish();
    ASSERT_TRUE(digests);
    ASSERT_EQ(digests->size(), 2U);
    EXPECT_EQ(to_hex(digests->at(NID_sha1)), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_TRUE(to_hex(digests->at(NID_sha256)).starts_with("ba7816bf8f01cfea"));
}

}  // namespace
}  // namespace signet::smime
