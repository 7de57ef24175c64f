#include "ssh/message_stream.h"

#include "ssh/message.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <thread>

namespace signet::ssh {
namespace {

struct Ends {
    FileDescriptor client;
    MessageStream stream;
};

Ends make_ends(std::chrono::milliseconds deadline = MessageStream::message_deadline) {
    auto pair = make_socket_pair().value();
    return {.client = std::move(pair.first), .stream = MessageStream(std::move(pair.second), deadline)};
}

void send_octets(const FileDescriptor& socket, std::string_view hex) {
    const Bytes octets = *from_hex(hex);
    ASSERT_EQ(send(socket.get(), octets.data(), octets.size(), 0), static_cast<ssize_t>(octets.size()));
}

TEST(SshMessageStream, PutsMessagesTogether) {
    auto ends = make_ends();
    send_octets(ends.client, "00000002");
    std::thread later([&ends] { send_octets(ends.client, "0bff000000010b"); });
    EXPECT_EQ(to_hex(ends.stream.next().value().value()), "0bff");
    EXPECT_EQ(to_hex(ends.stream.next().value().value()), "0b");
    later.join();
}

TEST(SshMessageStream, EndsWithItsClientEvenInTheMiddleOfAMessage) {
    for (const auto* hex : {"", "0000", "00000005", "00000005aa"}) {
        auto ends = make_ends();
        send_octets(ends.client, hex);
        ends.client.close();
        const auto message = ends.stream.next();
        ASSERT_TRUE(message) << hex;
        EXPECT_FALSE(message->has_value()) << hex;
    }
}

TEST(SshMessageStream, RefusesAMessageWithoutTypeOrTooLong) {
    auto empty = make_ends();
    send_octets(empty.client, "00000000");
    EXPECT_EQ(empty.stream.next().error().code, ErrorCode::protocol);
    auto huge = make_ends();
    send_octets(huge.client, "00040001");
    EXPECT_EQ(huge.stream.next().error().code, ErrorCode::too_large);
}

TEST(SshMessageStream, WaitsForNoHalfMessage) {
    for (const auto* hex : {"00", "00000005", "00000005aabb"}) {
        auto ends = make_ends(std::chrono::milliseconds(20));
        send_octets(ends.client, hex);
        EXPECT_EQ(ends.stream.next().error().code, ErrorCode::timeout) << hex;
    }
}

TEST(SshMessageStream, DoesNotWaitForAClientThatTakesNoAnswer) {
    auto ends = make_ends(std::chrono::milliseconds(20));
    EXPECT_EQ(ends.stream.send(Bytes(std::size_t{16} << 20)).error().code, ErrorCode::timeout);
}

}  // namespace
}  // namespace signet::ssh
