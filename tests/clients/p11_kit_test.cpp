// p11-kit: a sandboxed program talks to "p11-kit server" through p11-kit-client.so.
#include "tests/clients/client_test.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::HasSubstr;

constexpr const char* client_module = "/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so";

class P11KitServer : public ClientTest {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("p11-kit");
        SIGNET_REQUIRE(std::filesystem::exists(client_module), "p11-kit-modules");
        ClientTest::SetUp();
        const auto socket = place().path("p11-kit.sock");
        m_server.emplace(
            std::vector<std::string>{"p11-kit", "server", "--foreground", "--name", socket, "--provider",
                                     pkcs11_module(), std::string("pkcs11:token=") + Workplace::token},
            agent().variables(), place().path("p11-kit.log"));
        ASSERT_TRUE(eventually([&socket] { return std::filesystem::exists(socket); }))
            << place().read("p11-kit.log");
    }
    // A program in the sandbox knows no agent.
    std::string pkcs11_tool(const std::vector<std::string>& arguments) {
        return succeed(joined({"env", "SIGNET_SOCKET=", "pkcs11-tool", "--module", client_module}, arguments),
                       {}, {{"P11_KIT_SERVER_ADDRESS", "unix:path=" + place().path("p11-kit.sock")}});
    }

  private:
    std::optional<BackgroundProcess> m_server;
};

TEST_F(P11KitServer, LetsASandboxedProgramSignAndDecrypt) {
    EXPECT_THAT(pkcs11_tool({"-O"}), HasSubstr("Private Key Object; RSA"));
    pkcs11_tool(
        {"--sign", "--mechanism", "SHA256-RSA-PKCS", "--id", "01", "-i", "message", "-o", "signature"});
    succeed({"openssl", "dgst", "-sha256", "-verify", "rsa.pub", "-signature", "signature", "message"});
    pkcs11_tool({"--sign", "--mechanism", "ECDSA", "--signature-format", "openssl", "--id", "02", "-i",
                 "digest", "-o", "signature"});
    succeed({"openssl", "dgst", "-sha256", "-verify", "ec.pub", "-signature", "signature", "message"});
    succeed({"openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", "rsa.pub", "-in", "message", "-out",
             "ciphertext"});
    pkcs11_tool(
        {"--decrypt", "--mechanism", "RSA-PKCS", "--id", "01", "-i", "ciphertext", "-o", "plaintext"});
    EXPECT_EQ(place().read("plaintext"), place().read("message"));
    EXPECT_THAT(pkcs11_tool({"--test"}), HasSubstr("No errors"));
}

}  // namespace
}  // namespace signet::test
