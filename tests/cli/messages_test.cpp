#include "cli/messages.h"

#include <gmock/gmock.h>

namespace signet::cli {
namespace {

using testing::HasSubstr;

constexpr auto last_code = static_cast<std::uint8_t>(ErrorCode::bad_signature);

TEST(Messages, ExplainEveryErrorInWordsOfTheirOwn) {
    for (std::uint8_t code = 0; code <= last_code; ++code) {
        const Error error{.code = static_cast<ErrorCode>(code), .operation = "read", .detail = "the detail"};
        const auto message = message_for(error);
        EXPECT_FALSE(message.what.empty());
        EXPECT_EQ(message.what.find(error_name(error.code)), std::string::npos) << message.what;
    }
}

TEST(Messages, SayHowToStartTheAgent) {
    const auto message =
        message_for({.code = ErrorCode::agent_unavailable, .operation = "connect", .detail = "/s: no"});
    EXPECT_EQ(message.what, "cannot reach the agent: /s: no");
    EXPECT_EQ(message.remedy, "start it with: systemctl --user start signet-agent.socket, or: signet-agent");
}

TEST(Messages, SayHowToFindOutWhyTheAgentClosedTheConnection) {
    for (const auto* operation : {"send", "receive"}) {
        EXPECT_EQ(
            message_for({.code = ErrorCode::agent_unavailable, .operation = operation, .detail = "closed"})
                .remedy,
            "to find out why, run: signet doctor");
    }
}

TEST(Messages, CountTheTriesThatAreLeft) {
    Error error{.code = ErrorCode::pin_incorrect, .operation = "Unlock", .detail = {}};
    EXPECT_EQ(message_for(error).what, "the PIN is wrong");
    error.tries_left = 1;
    EXPECT_EQ(message_for(error).what, "the PIN is wrong; one try is left");
    error.tries_left = 3;
    EXPECT_EQ(message_for(error).what, "the PIN is wrong; 3 tries are left");
}

TEST(Messages, SpareTheReaderTheQueueOfOpenssl) {
    const auto message = message_for(
        {.code = ErrorCode::cancelled, .operation = "CMS_final", .detail = "error:C0000050:x::y"});
    EXPECT_EQ(message.what, "cancelled");
}

TEST(Messages, ListTheCandidatesOfAnAmbiguousChoice) {
    const auto message =
        message_for({.code = ErrorCode::ambiguous, .operation = "a@example.org", .detail = "  one\n  two"});
    EXPECT_EQ(message.what, "a@example.org fits several:\n  one\n  two");
    EXPECT_THAT(message.remedy, HasSubstr("fingerprint"));
}

TEST(Messages, KeepEscapeSequencesFromTheTerminal) {
    testing::internal::CaptureStderr();
    report({.code = ErrorCode::not_found, .operation = "key", .detail = "a\x1b[31m\nb"});
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "signet: a [31m\nb\n");
}

TEST(ExitStatus, TellsNoFromWrongCallFromFailure) {
    EXPECT_EQ(status_of(ErrorCode::bad_signature), ExitStatus::no);
    EXPECT_EQ(status_of(ErrorCode::invalid_parameter), ExitStatus::usage);
    EXPECT_EQ(status_of(ErrorCode::ambiguous), ExitStatus::usage);
    EXPECT_EQ(status_of(ErrorCode::agent_unavailable), ExitStatus::failed);
    EXPECT_EQ(status_of(ErrorCode::pin_incorrect), ExitStatus::failed);
    EXPECT_EQ(status_of(ErrorCode::cancelled), ExitStatus::failed);
}

}  // namespace
}  // namespace signet::cli
