// signet-fetch before a server on loopback.
#include "tests/support/loopback_server.h"
#include "tests/support/requirements.h"
#include "tests/support/subprocess.h"

#include <gmock/gmock.h>
#include <sysexits.h>

#include <mutex>

namespace signet::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string good_answer =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello";

// A server that keeps the requests of one client after the other, and answers what the test says.
class Fetch : public testing::Test {
  protected:
    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(m_server.port()) + "/x";
    }
    [[nodiscard]] ProcessResult fetch(const std::string& to,
                                      const std::vector<std::string>& further = {}) const {
        std::vector<std::string> arguments{SIGNET_FETCH, "--type", "text/question", "--accept", "text/plain"};
        arguments.insert(arguments.end(), further.begin(), further.end());
        arguments.push_back(to);
        return run(arguments, {.input = "question", .variables = {{"no_proxy", "*"}}});
    }
    ProcessResult fetch_from_server(const std::string& answer, const std::vector<std::string>& further = {}) {
        {
            const std::lock_guard lock(m_mutex);
            m_answer = answer;
        }
        return fetch(url(), further);
    }
    std::string request() {
        const std::lock_guard lock(m_mutex);
        return m_request;
    }

  private:
    void serve(Conversation& client) {
        std::string text;
        for (auto line = client.line(); !line.empty(); line = client.line()) {
            text += line;
            if (line == "\r\n") {
                text += client.octets(std::string_view("question").size());
                break;
            }
        }
        std::string answer;
        {
            const std::lock_guard lock(m_mutex);
            m_request = text;
            answer = m_answer;
        }
        client.say(answer);
        client.wait_for_the_end();
    }

    std::mutex m_mutex;
    std::string m_answer;
    std::string m_request;
    LoopbackServer m_server{[this](Conversation& client) { serve(client); }};
};

TEST_F(Fetch, PostsStandardInput) {
    const auto result = fetch_from_server(good_answer);
    EXPECT_EQ(result.exit_status, EX_OK) << result.error_output;
    EXPECT_EQ(result.output, "hello");
    EXPECT_THAT(request(),
                AllOf(testing::StartsWith("POST /x HTTP/1.1\r\n"),
                      HasSubstr("Content-Type: text/question\r\n"), HasSubstr("Accept: text/plain\r\n"),
                      Not(HasSubstr("Expect:")), testing::EndsWith("\r\n\r\nquestion")));
}

TEST_F(Fetch, TakesNoMoreThanItsLimit) {
    EXPECT_EQ(fetch_from_server(good_answer, {"--limit", "5"}).exit_status, EX_OK);
    const auto result = fetch_from_server(good_answer, {"--limit", "4"});
    EXPECT_EQ(result.exit_status, EX_DATAERR);
    EXPECT_EQ(result.output, "");
    EXPECT_EQ(result.error_output, "signet-fetch: the answer is longer than 4 octets\n");
}

TEST_F(Fetch, WaitsNoLongerThanItsTimeout) {
    for (const std::string& begin :
         {std::string(), good_answer.substr(0, 30), good_answer.substr(0, good_answer.size() - 1)}) {
        const auto result = fetch_from_server(begin, {"--timeout", "1"});
        EXPECT_EQ(result.exit_status, EX_TEMPFAIL) << result.error_output;
        EXPECT_EQ(result.output, "");
    }
}

TEST_F(Fetch, FollowsNoRedirection) {
    const auto result = fetch_from_server(
        "HTTP/1.1 302 There\r\nLocation: http://127.0.0.1:9/y\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(result.exit_status, EX_PROTOCOL);
    EXPECT_EQ(result.error_output,
              "signet-fetch: the server sends on to http://127.0.0.1:9/y, which is not followed\n");
}

TEST_F(Fetch, TakesOnlyWhatWasAskedFor) {
    EXPECT_EQ(fetch_from_server("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n").exit_status, EX_PROTOCOL);
    EXPECT_EQ(fetch_from_server("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n")
                  .exit_status,
              EX_PROTOCOL);
    EXPECT_EQ(fetch_from_server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").exit_status, EX_PROTOCOL);
    EXPECT_NE(fetch_from_server("not HTTP at all\r\n\r\n", {"--timeout", "2"}).exit_status, EX_OK);
}

TEST_F(Fetch, SaysThatNobodyListens) {
    std::uint16_t port = 0;
    {
        const LoopbackServer gone([](Conversation&) {});
        port = gone.port();
    }
    const auto result = fetch("http://127.0.0.1:" + std::to_string(port) + "/");
    EXPECT_EQ(result.exit_status, EX_UNAVAILABLE);
    EXPECT_THAT(result.error_output, HasSubstr("Failed to connect"));
}

TEST_F(Fetch, RefusesOtherAddresses) {
    for (const char* address : {"file:///etc/passwd", "ftp://127.0.0.1/x", "127.0.0.1", "http://",
                                "ldap://127.0.0.1/", "http://alice:secret@127.0.0.1/"}) {
        const auto result = fetch(address);
        EXPECT_EQ(result.exit_status, EX_USAGE) << address;
        EXPECT_THAT(result.error_output, Not(HasSubstr("secret")));
    }
    EXPECT_EQ(fetch(url(), {"--limit", "0"}).exit_status, EX_USAGE);
    EXPECT_EQ(fetch(url(), {"--timeout", "301"}).exit_status, EX_USAGE);
}

TEST_F(Fetch, IsTheOnlyProgramThatCanReachTheNetwork) {
    SIGNET_REQUIRE_PROGRAM("ldd");
    const std::filesystem::path folder = std::filesystem::path(SIGNET_FETCH).parent_path();
    EXPECT_THAT(run_checked({"ldd", SIGNET_FETCH}), HasSubstr("libcurl"));
    for (const char* other : {"signet", "signet-gpgsm"}) {
        if (std::filesystem::exists(folder / other)) {
            EXPECT_THAT(run_checked({"ldd", folder / other}), Not(HasSubstr("libcurl"))) << other;
        }
    }
}

}  // namespace
}  // namespace signet::test
