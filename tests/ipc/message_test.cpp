#include "ipc/message.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace signet::ipc {
namespace {

Result<void> feed(MessageBuffer& buffer, std::string_view octets) {
    while (!octets.empty()) {
        const auto space = buffer.space();
        const std::size_t count = std::min(space.size(), octets.size());
        std::memcpy(space.data(), octets.data(), count);
        SIGNET_CHECK(buffer.received(count));
        octets.remove_prefix(count);
    }
    return {};
}

TEST(MessageBuffer, GivesAMessageOnlyWhenItsNulHasCome) {
    MessageBuffer buffer(100);
    ASSERT_TRUE(feed(buffer, "{\"a\""));
    EXPECT_FALSE(buffer.next());
    ASSERT_TRUE(feed(buffer, std::string_view(":1}\0", 4)));
    EXPECT_EQ(buffer.next(), "{\"a\":1}");
}

TEST(MessageBuffer, SplitsWhatWasPipelined) {
    MessageBuffer buffer(100);
    ASSERT_TRUE(feed(buffer, std::string_view("one\0two\0thr", 11)));
    EXPECT_EQ(buffer.next(), "one");
    EXPECT_FALSE(buffer.next_is_last());
    buffer.consume();
    EXPECT_EQ(buffer.next(), "two");
    buffer.consume();
    EXPECT_FALSE(buffer.next());
    ASSERT_TRUE(feed(buffer, std::string_view("ee\0", 3)));
    EXPECT_EQ(buffer.next(), "three");
    EXPECT_TRUE(buffer.next_is_last());
}

TEST(MessageBuffer, KeepsAMessageWholeWhileItGrowsAndMoves) {
    MessageBuffer buffer(1 << 20);
    const std::string first(5000, 'a');
    const std::string second(50000, 'b');
    ASSERT_TRUE(feed(buffer, first + '\0' + second));
    EXPECT_EQ(buffer.next(), first);
    buffer.consume();
    ASSERT_TRUE(feed(buffer, std::string_view("\0", 1)));
    EXPECT_EQ(buffer.next(), second);
}

TEST(MessageBuffer, TakesAMessageOfExactlyTheMaximum) {
    MessageBuffer buffer(10);
    ASSERT_TRUE(feed(buffer, std::string_view("123456789\0", 10)));
    EXPECT_EQ(buffer.next(), "123456789");
}

TEST(MessageBuffer, RefusesALongerOneWhetherItHasEndedOrNot) {
    MessageBuffer ended(10);
    EXPECT_EQ(feed(ended, std::string_view("1234567890\0", 11)).error().code, ErrorCode::too_large);
    MessageBuffer unended(10);
    EXPECT_EQ(feed(unended, "12345678901").error().code, ErrorCode::too_large);
}

TEST(MessageBuffer, RefusesMoreThanTwoMaximaBehindAnUnansweredCall) {
    MessageBuffer buffer(10);
    ASSERT_TRUE(feed(buffer, std::string_view("call\0", 5)));
    EXPECT_EQ(feed(buffer, std::string(16, 'x')).error().code, ErrorCode::too_large);
}

TEST(Call, IsReadWithItsFlags) {
    const auto call = parse_call(R"({"method":"a.b.C","parameters":{},"more":true,"oneway":false})");
    ASSERT_TRUE(call);
    EXPECT_EQ(call->method, "a.b.C");
    EXPECT_TRUE(call->more);
    EXPECT_FALSE(call->oneway);
}

TEST(Call, IsRefusedWhereItIsNotVarlink) {
    for (const auto* text :
         {"", "x", "[]", "{}", R"({"method":1})", R"({"method":"a.B","parameters":[]})",
          R"({"method":"a.B","more":1})", R"({"method":"a.B","upgrade":true})",
          R"({"method":"a.B","colour":"red"})", R"({"method":"a.B"} {})", "{\"method\":\"\xff\"}"}) {
        EXPECT_EQ(parse_call(text).error().code, ErrorCode::protocol) << text;
    }
}

TEST(Call, IsRefusedWhereItNestsTooDeeply) {
    const auto nested = [](std::size_t depth) {
        return R"({"method":"a.B","parameters":{"x":)" + std::string(depth, '[') + std::string(depth, ']') +
               "}}";
    };
    EXPECT_TRUE(parse_call(nested(max_nesting - 2)));
    EXPECT_EQ(parse_call(nested(max_nesting - 1)).error().code, ErrorCode::protocol);
    EXPECT_EQ(parse_call(nested(100000)).error().code, ErrorCode::protocol);
}

TEST(ErrorReply, CarriesEveryWireErrorThereAndBack) {
    for (const auto code :
         {ErrorCode::pin_incorrect, ErrorCode::pin_blocked, ErrorCode::pin_required, ErrorCode::cancelled,
          ErrorCode::not_allowed, ErrorCode::token_removed, ErrorCode::token_not_found,
          ErrorCode::key_not_found, ErrorCode::unsupported, ErrorCode::driver_failed, ErrorCode::timeout,
          ErrorCode::invalid_parameter, ErrorCode::method_not_found, ErrorCode::interface_not_found}) {
        const auto reply =
            parse_reply(encode_error("org.signet.agent", {.code = code, .operation = "x", .detail = "y"}));
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.error().code, code) << error_name(code);
    }
}

TEST(ErrorReply, CarriesTriesLeftAndNativeCode) {
    const auto incorrect = parse_reply(
        encode_error("org.signet.agent",
                     {.code = ErrorCode::pin_incorrect, .operation = {}, .detail = {}, .tries_left = 2}));
    EXPECT_EQ(incorrect.error().tries_left, 2);
    const auto failed = parse_reply(encode_error(
        "org.signet.agent",
        {.code = ErrorCode::driver_failed, .operation = {}, .detail = "C_Sign \"\\", .native_code = 0x30}));
    EXPECT_EQ(failed.error().native_code, 0x30);
    EXPECT_EQ(failed.error().detail, "C_Sign \"\\");
}

TEST(ErrorReply, StaysJsonWhateverTheDetailHolds) {
    const auto reply = parse_reply(
        encode_error("org.signet.agent", {.code = ErrorCode::driver_failed, .detail = "M\xfcller.so\n"}));
    EXPECT_EQ(reply.error().code, ErrorCode::driver_failed);
    EXPECT_EQ(reply.error().detail, "M\xef\xbf\xbdller.so ");
}

TEST(ErrorReply, SendsInnerErrorsAsDriverFailed) {
    const auto reply = parse_reply(encode_error(
        "org.signet.agent", {.code = ErrorCode::input_output, .operation = "read", .detail = "no space"}));
    EXPECT_EQ(reply.error().code, ErrorCode::driver_failed);
    EXPECT_EQ(reply.error().detail, "read: no space");
}

TEST(ErrorReply, OfAnotherServiceIsAProtocolError) {
    EXPECT_EQ(parse_reply(R"({"error":"com.example.Odd","parameters":{}})").error().code,
              ErrorCode::protocol);
    EXPECT_EQ(parse_reply(R"({"error":7})").error().code, ErrorCode::protocol);
}

}  // namespace
}  // namespace signet::ipc
