#include "ipc/server.h"

#include "ipc/channel.h"
#include "ipc/client.h"
#include "ipc/codec.h"
#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>

namespace signet::ipc {
namespace {

FileDescriptor listening_socket(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    EXPECT_EQ(bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(socket.get(), 1024), 0);
    return socket;
}

// A server in a thread of its own whose handler the test gives.
class ServerTest : public testing::Test {
  protected:
    void serve(std::function<void(CallPointer)> handler, std::size_t max_connections = 4096) {
        m_thread = std::thread([this, handler = std::move(handler), max_connections,
                                socket = std::make_shared<FileDescriptor>(listening_socket(path()))] {
            const Server server(m_loop, std::move(*socket),
                                {.interfaces = {agent_interface},
                                 .product = "test",
                                 .max_connections = max_connections,
                                 .may_accept = nullptr},
                                handler);
            m_loop.run();
        });
    }

    void TearDown() override {
        m_loop.stop();
        if (m_thread.joinable()) {
            m_thread.join();
        }
    }

    std::string path() const { return m_folder / "socket"; }

    Client client() {
        auto connected = Client::connect(path());
        EXPECT_TRUE(connected);
        return std::move(*connected);
    }

    // What is answered to raw octets until the server closes or `replies` messages have come.
    static std::string exchange(const Client& raw, std::string_view octets, int replies) {
        std::size_t sent = 0;
        while (sent < octets.size()) {
            const ssize_t count =
                send(raw.socket(), octets.data() + sent, octets.size() - sent, MSG_NOSIGNAL);
            if (count < 0) {
                break;
            }
            sent += static_cast<std::size_t>(count);
        }
        std::string answer;
        char c = 0;
        while (replies > 0 && recv(raw.socket(), &c, 1, 0) == 1) {
            answer += c;
            replies -= c == '\0' ? 1 : 0;
        }
        return answer;
    }

    test::TemporaryDirectory m_folder;
    EventLoop m_loop;
    std::thread m_thread;
};

using namespace std::string_view_literals;
constexpr auto lock_call = "{\"method\":\"org.signet.agent.Lock\"}\0"sv;
constexpr auto empty_reply = "{\"parameters\":{}}\0"sv;

TEST_F(ServerTest, AnswersTheServiceInterfaceItself) {
    serve([](const CallPointer&) { FAIL() << "not a call of the agent's"; });
    auto c = client();
    EXPECT_TRUE(c.call("org.varlink.service.GetInfo", "{}"));
    EXPECT_TRUE(c.call("org.varlink.service.GetInterfaceDescription", R"({"interface":"org.signet.agent"})"));
    EXPECT_EQ(c.call("org.varlink.service.GetInterfaceDescription", R"({"interface":"x.y"})").error().code,
              ErrorCode::interface_not_found);
    EXPECT_EQ(c.call("org.example.Method", "{}").error().code, ErrorCode::interface_not_found);
    EXPECT_EQ(c.call("org.varlink.service.Nothing", "{}").error().code, ErrorCode::method_not_found);
}

TEST_F(ServerTest, AnswersPipelinedCallsOneAfterAnotherInOrder) {
    std::atomic<int> count = 0;
    std::atomic<int> under_way = 0;
    serve([&](const CallPointer& call) {
        EXPECT_EQ(++under_way, 1);
        m_loop.post([&, call] {
            --under_way;
            call->reply("{\"secret\":\"" + std::to_string(count++) + "\"}");
        });
    });
    std::string calls;
    for (int i = 0; i < 5; ++i) {
        calls += lock_call;
    }
    const auto raw = client();
    const std::string answer = exchange(raw, calls, 5);
    for (int i = 0; i < 4; ++i) {
        EXPECT_LT(answer.find(":\"" + std::to_string(i)), answer.find(":\"" + std::to_string(i + 1)));
    }
}

TEST_F(ServerTest, PutsTogetherACallThatComesOctetByOctet) {
    serve([](const CallPointer& call) { call->reply("{}"); });
    const auto raw = client();
    for (const char c : lock_call.substr(0, lock_call.size() - 1)) {
        ASSERT_EQ(send(raw.socket(), &c, 1, 0), 1);
    }
    EXPECT_EQ(exchange(raw, "\0"sv, 1), empty_reply);
}

TEST_F(ServerTest, SendsNothingForAOnewayCall) {
    serve([](const CallPointer& call) { call->reply("{}"); });
    const auto raw = client();
    std::string calls("{\"method\":\"org.signet.agent.Lock\",\"oneway\":true}\0"sv);
    calls += lock_call;
    EXPECT_EQ(exchange(raw, calls, 1), empty_reply);
}

TEST_F(ServerTest, ClosesTheConnectionOfAPeerThatIsNotVarlink) {
    serve([](const CallPointer& call) { call->reply("{}"); });
    const auto raw = client();
    EXPECT_EQ(exchange(raw, std::string(100, '\0'), 1), "");
    auto other = client();
    EXPECT_TRUE(other.call("org.varlink.service.GetInfo", "{}")) << "others go on";
}

TEST_F(ServerTest, ClosesTheConnectionOfAPeerThatSendsWithoutEnd) {
    serve([](const CallPointer& call) { call->reply("{}"); });
    const auto raw = client();
    EXPECT_EQ(exchange(raw, std::string(8 << 20, 'x'), 1), "");
    auto other = client();
    EXPECT_TRUE(other.call("org.varlink.service.GetInfo", "{}"));
}

TEST_F(ServerTest, TellsWhenTheCallerGoesAwayBeforeTheAnswer) {
    std::atomic<bool> abandoned = false;
    std::atomic<bool> called = false;
    CallPointer kept;
    serve([&](const CallPointer& call) {
        kept = call;
        call->on_abandoned([&] { abandoned = true; });
        called = true;
    });
    {
        const auto raw = client();
        ASSERT_EQ(send(raw.socket(), lock_call.data(), lock_call.size(), 0),
                  static_cast<ssize_t>(lock_call.size()));
        ASSERT_TRUE(test::eventually([&] { return called.load(); }));
    }
    EXPECT_TRUE(test::eventually([&] { return abandoned.load(); }));
    TearDown();
    EXPECT_TRUE(kept->abandoned());
}

TEST_F(ServerTest, DoesNotStopForAPeerThatNeverReadsItsAnswer) {
    const std::string large(3 << 20, 'x');
    serve([&](const CallPointer& call) { call->reply("{\"x\":\"" + large + "\"}"); });
    const auto deaf = client();
    ASSERT_EQ(send(deaf.socket(), lock_call.data(), lock_call.size(), 0),
              static_cast<ssize_t>(lock_call.size()));
    auto other = client();
    EXPECT_TRUE(other.call("org.varlink.service.GetInfo", "{}"));
    EXPECT_GT(exchange(deaf, "", 1).size(), large.size())
        << "and sends all of it when the peer reads at last";
}

TEST_F(ServerTest, ServesFiveHundredConnectionsAtOnce) {
    serve([](const CallPointer& call) { call->reply("{}"); });
    std::vector<Client> clients;
    for (int i = 0; i < 500; ++i) {
        clients.push_back(client());
    }
    for (auto& c : clients) {
        ASSERT_TRUE(c.call("org.signet.agent.Lock", "{}"));
    }
}

TEST_F(ServerTest, LetsFurtherConnectionsWaitUntilOneEnds) {
    serve([](const CallPointer& call) { call->reply("{}"); }, 1);
    auto first = std::make_unique<Client>(client());
    ASSERT_TRUE(first->call("org.signet.agent.Lock", "{}"));
    auto second = client();
    EXPECT_EQ(second
                  .call("org.signet.agent.Lock", "{}", {},
                        std::chrono::steady_clock::now() + std::chrono::milliseconds(50))
                  .error()
                  .code,
              ErrorCode::timeout);
    first.reset();
    auto third = client();
    EXPECT_TRUE(third.call("org.signet.agent.Lock", "{}"));
}

TEST_F(ServerTest, AcceptsAgainWhenDescriptorsAreFreeAlthoughNoConnectionHasEnded) {
    if (!std::string_view(SIGNET_SANITIZE).empty()) {
        GTEST_SKIP() << "the sanitizer itself needs descriptors";
    }
    serve([](const CallPointer& call) { call->reply("{}"); });
    Client idle = client();
    ASSERT_TRUE(idle.call("org.signet.agent.A", "{}"));

    const FileDescriptor waiting(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    rlimit usual{};
    getrlimit(RLIMIT_NOFILE, &usual);
    const rlimit none{.rlim_cur = 1, .rlim_max = usual.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path().c_str(), sizeof(address.sun_path) - 1);
    const int connected =
        connect(waiting.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &usual), 0);

    ASSERT_EQ(connected, 0);
    constexpr std::string_view call = "{\"method\":\"org.signet.agent.A\"}";
    ASSERT_EQ(send(waiting.get(), call.data(), call.size() + 1, MSG_NOSIGNAL),
              static_cast<ssize_t>(call.size() + 1));
    char c = 0;
    EXPECT_EQ(recv(waiting.get(), &c, 1, 0), 1);
}

TEST_F(ServerTest, HandsOverTheDescriptorsOfACall) {
    serve([](const CallPointer& call) {
        auto& descriptors = call->descriptors();
        char c = 0;
        const bool good = descriptors.size() == 1 && read(descriptors[0].get(), &c, 1) == 1 &&
                          (fcntl(descriptors[0].get(), F_GETFD) & FD_CLOEXEC) != 0;
        call->reply(good ? R"({"secret":"AA=="})" : "{}");
    });
    const auto pipe = make_pipe();
    ASSERT_EQ(write(pipe->write_end.get(), "x", 1), 1);
    const int fd = pipe->read_end.get();
    auto c = client();
    const auto reply = c.call("org.signet.agent.Unlock", "{}", {&fd, 1});
    ASSERT_TRUE(reply);
    EXPECT_TRUE(decode_octets(reply->parameters, "secret"));
}

TEST_F(ServerTest, ClosesTheConnectionOfAPeerThatSendsTooManyDescriptors) {
    serve([](const CallPointer& call) { call->reply("{}"); });
    const auto pipe = make_pipe();
    const std::vector<int> many(max_descriptors + 1, pipe->read_end.get());
    const auto raw = client();
    // The client's own limit is the same, so this goes around it.
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * (max_descriptors + 1))> control{};
    iovec part{const_cast<char*>(lock_call.data()), lock_call.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* message = CMSG_FIRSTHDR(&header);
    message->cmsg_level = SOL_SOCKET;
    message->cmsg_type = SCM_RIGHTS;
    message->cmsg_len = CMSG_LEN(sizeof(int) * many.size());
    std::memcpy(CMSG_DATA(message), many.data(), sizeof(int) * many.size());
    ASSERT_GT(sendmsg(raw.socket(), &header, 0), 0);
    EXPECT_EQ(exchange(raw, "", 1), "");
}

TEST(Client, SaysThatNoAgentIsThere) {
    const test::TemporaryDirectory folder;
    EXPECT_EQ(Client::connect(folder / "nothing").error().code, ErrorCode::agent_unavailable);
    EXPECT_EQ(Client::connect(std::string(200, 'x')).error().code, ErrorCode::agent_unavailable);
}

TEST(Client, IsOfNoMoreUseWhenTheOtherSideAnswersNonsense) {
    auto pair = make_socket_pair();
    Client client(std::move(pair->first));
    ASSERT_EQ(send(pair->second.get(), "nonsense\0", 9, 0), 9);
    EXPECT_EQ(client.call("a.b.C", "{}").error().code, ErrorCode::protocol);
    EXPECT_FALSE(client.usable());
}

TEST(Client, StaysUsableAfterAnErrorThatWasAnswered) {
    auto pair = make_socket_pair();
    Client client(std::move(pair->first));
    const std::string error =
        encode_error("org.signet.agent", {.code = ErrorCode::key_not_found, .operation = {}, .detail = {}});
    ASSERT_GT(send(pair->second.get(), error.c_str(), error.size() + 1, 0), 0);
    EXPECT_EQ(client.call("a.b.C", "{}").error().code, ErrorCode::key_not_found);
    EXPECT_TRUE(client.usable());
}

// A channel's peer in the test's hands.
class ChannelTest : public testing::Test {
  protected:
    void SetUp() override {
        auto pair = make_socket_pair();
        m_peer = std::move(pair->second);
        m_channel = std::make_unique<Channel>(m_loop, std::move(pair->first), [this] {
            m_closed = true;
            m_loop.stop();
        });
    }

    void answer(std::string_view octets) const {
        ASSERT_EQ(send(m_peer.get(), octets.data(), octets.size(), 0), static_cast<ssize_t>(octets.size()));
    }

    EventLoop m_loop;
    FileDescriptor m_peer;
    std::unique_ptr<Channel> m_channel;
    bool m_closed = false;
    std::vector<Result<Reply>> m_replies;
};

TEST_F(ChannelTest, GivesTheAnswerToItsCall) {
    m_channel->call("a.b.C", "{}", {}, false, [this](Result<Reply> reply) {
        m_replies.push_back(std::move(reply));
        m_loop.stop();
    });
    EXPECT_TRUE(m_channel->busy());
    answer(empty_reply);
    m_loop.run();
    ASSERT_EQ(m_replies.size(), 1U);
    EXPECT_TRUE(m_replies[0]);
    EXPECT_FALSE(m_channel->busy());
}

TEST_F(ChannelTest, FailsTheCallWhenThePeerCloses) {
    m_channel->call("a.b.C", "{}", {}, false,
                    [this](Result<Reply> reply) { m_replies.push_back(std::move(reply)); });
    m_peer.close();
    m_loop.run();
    ASSERT_EQ(m_replies.size(), 1U);
    EXPECT_EQ(m_replies[0].error().code, ErrorCode::agent_unavailable);
    EXPECT_TRUE(m_closed);
}

TEST_F(ChannelTest, GivesUpOnAPeerThatAnswersUnasked) {
    answer(empty_reply);
    m_loop.run();
    EXPECT_TRUE(m_closed);
}

TEST_F(ChannelTest, GivesUpOnAPeerThatAnswersNonsense) {
    m_channel->call("a.b.C", "{}", {}, false,
                    [this](Result<Reply> reply) { m_replies.push_back(std::move(reply)); });
    answer(std::string_view("[1,2]\0", 6));
    m_loop.run();
    ASSERT_EQ(m_replies.size(), 1U);
    EXPECT_EQ(m_replies[0].error().code, ErrorCode::protocol);
    EXPECT_TRUE(m_closed);
}

}  // namespace
}  // namespace signet::ipc
