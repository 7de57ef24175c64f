#include "tests/support/agent.h"
#include "tests/support/requirements.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <string>
#include <vector>

namespace signet::test {
namespace {

class HostileClient : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        m_agent.softhsm().init_token("tok");
        m_agent.start();
    }

    // Sends until it is all gone or the agent has closed; then whether the agent has closed.
    static bool closed_after(const ipc::Client& client, std::string_view piece, std::size_t total) {
        std::size_t sent = 0;
        while (sent < total) {
            const ssize_t count =
                send(client.socket(), piece.data(), std::min(piece.size(), total - sent), MSG_NOSIGNAL);
            if (count < 0) {
                return true;
            }
            sent += static_cast<std::size_t>(count);
        }
        char c = 0;
        return recv(client.socket(), &c, 1, 0) <= 0;
    }

    void expect_alive() {
        auto client = m_agent.client();
        EXPECT_TRUE(client.call("org.varlink.service.GetInfo", "{}")) << m_agent.log();
        EXPECT_TRUE(m_agent.process().running());
    }

    long resident_kilobytes() {
        const std::string status = read_file("/proc/" + std::to_string(m_agent.process().pid()) + "/status");
        return std::stol(status.substr(status.find("VmRSS:") + 6));
    }

    RunningAgent m_agent;
};

TEST_F(HostileClient, MayOpenAThousandConnectionsAtOnce) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    std::vector<ipc::Client> clients;
    for (int i = 0; i < 1000; ++i) {
        clients.push_back(m_agent.client());
    }
    for (auto& client : clients) {
        ASSERT_TRUE(client.call("org.varlink.service.GetInfo", "{}"));
    }
}

TEST_F(HostileClient, MaySendHalfAMessageAndNothingMore) {
    const auto half = m_agent.client();
    ASSERT_GT(send(half.socket(), "{\"method\":\"org.sig", 18, 0), 0);
    expect_alive();
}

TEST_F(HostileClient, MaySendHalfAMessageAndGo) {
    for (int i = 0; i < 100; ++i) {
        const auto half = m_agent.client();
        ASSERT_GT(send(half.socket(), "{\"method\":\"org.sig", 18, 0), 0);
    }
    expect_alive();
}

TEST_F(HostileClient, IsCutOffAfterZeros) {
    const auto client = m_agent.client();
    EXPECT_TRUE(closed_after(client, std::string(1 << 20, '\0'), 100 << 20));
    expect_alive();
}

TEST_F(HostileClient, IsCutOffAfterAMessageWithoutEnd) {
    const auto client = m_agent.client();
    const auto before = resident_kilobytes();
    EXPECT_TRUE(closed_after(client, std::string(1 << 20, 'x'), 100 << 20));
    expect_alive();
    EXPECT_LT(resident_kilobytes() - before, 32 << 10);
}

TEST_F(HostileClient, IsCutOffAfterDeepJson) {
    const auto client = m_agent.client();
    const std::string deep =
        R"({"method":"org.signet.agent.Lock","parameters":)" + std::string(500000, '[') + '\0';
    EXPECT_TRUE(closed_after(client, deep, deep.size()));
    expect_alive();
}

TEST_F(HostileClient, GetsTypedErrorsForUnknownMethodsAndParameters) {
    auto client = m_agent.client();
    EXPECT_EQ(client.call("org.signet.agent.ExportKey", "{}").error().code, ErrorCode::method_not_found);
    EXPECT_EQ(client.call("org.signet.token.Login", R"({"token":"x"})").error().code,
              ErrorCode::interface_not_found);
    EXPECT_EQ(client.call("org.signet.agent.Lock", R"({"force":true})").error().code,
              ErrorCode::invalid_parameter);
    EXPECT_EQ(client.call("org.signet.agent.Watch", "{}").error().code, ErrorCode::unsupported);
}

TEST_F(HostileClient, CannotHandAPinToAKeyOperation) {
    auto client = m_agent.client();
    const auto result =
        client.call("org.signet.agent.Decrypt",
                    R"({"token":"t","key":"k","scheme":"rsa_pkcs1","ciphertext":"AAAA","pin":0})");
    EXPECT_EQ(result.error().code, ErrorCode::invalid_parameter);
    EXPECT_EQ(result.error().detail, "pin");
}

TEST_F(HostileClient, CannotNameADescriptorThatItDidNotPass) {
    auto client = m_agent.client();
    EXPECT_EQ(client.call("org.signet.agent.Unlock", R"({"pin":3})").error().code,
              ErrorCode::invalid_parameter);
}

}  // namespace
}  // namespace signet::test
