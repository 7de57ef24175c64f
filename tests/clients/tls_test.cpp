// Programs that speak TLS with a certificate whose key is on the token.
#include "tests/clients/tls_server.h"
#include "tests/support/loopback_server.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

#include <thread>

namespace signet::test {
namespace {

using testing::HasSubstr;

class Tls : public testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        SIGNET_REQUIRE_PROGRAM("openssl");
        m_place.emplace();
        m_place->agent().softhsm().generate_key(Workplace::token, GetParam(), "01", "alice");
        m_place->add_certificate("01", certificate());
        m_place->start();
    }
    [[nodiscard]] virtual LeafOptions certificate() const {
        return {.subject = "alice", .email = {}, .usage = CertificateUsage::authenticate};
    }
    [[nodiscard]] Workplace& place() { return *m_place; }
    static std::string uri(const std::string& type) { return "pkcs11:token=tok;object=alice;type=" + type; }

  private:
    std::optional<Workplace> m_place;
};

std::string kind_of_key(const testing::TestParamInfo<const char*>& kind) {
    return std::string(kind.param).substr(0, kind.index == 0 ? 3 : 2);
}

class TlsClient : public Tls {
  protected:
    // Lets the person in once, and asks for nothing.
    void expect_login(const std::vector<std::string>& command, const TlsServer& server) {
        const auto page = place().run(command, "GET / HTTP/1.0\r\n\r\n");
        EXPECT_EQ(page.exit_status, 0) << page.error_output << server.log();
        EXPECT_TRUE(server.has_seen("alice")) << page.output << page.error_output << server.log();
        EXPECT_EQ(place().agent().prompts(), 0);
    }
    std::vector<std::string> curl(const TlsServer& server) {
        return {"curl",
                "--silent",
                "--show-error",
                "--noproxy",
                "*",
                "--cert",
                "pkcs11:token=tok;object=alice",
                "--cacert",
                "root.pem",
                "https://" + server.address() + "/"};
    }
};

TEST_P(TlsClient, CurlLogsIn) {
    SIGNET_REQUIRE_PROGRAM("curl");
    const TlsServer server(place());
    expect_login(curl(server), server);
}

TEST_P(TlsClient, CurlAsksOnceForAPinThatIsRefused) {
    SIGNET_REQUIRE_PROGRAM("curl");
    const TlsServer server(place());
    ASSERT_TRUE(place().agent().lock());
    place().agent().answer_prompts({"cancel"});
    EXPECT_EQ(place().run(curl(server)).exit_status, 35);  // CURLE_SSL_CONNECT_ERROR
    EXPECT_EQ(place().agent().prompts(), 1);
}

TEST_P(TlsClient, GnutlsLogsIn) {
    SIGNET_REQUIRE_PROGRAM("gnutls-cli");
    const TlsServer server(place());
    expect_login({"gnutls-cli", "--provider", pkcs11_module(), "--x509certfile", uri("cert"), "--x509keyfile",
                  uri("private"), "--x509cafile", "root.pem", "--port", server.port(), "127.0.0.1"},
                 server);
}

INSTANTIATE_TEST_SUITE_P(Keys, TlsClient, testing::Values("rsa:2048", "EC:prime256v1"), kind_of_key);

// A server whose key is on the token: it serves each connection in a thread of its own.
class Stunnel : public Tls {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("stunnel");
        Tls::SetUp();
        m_address = "127.0.0.1:" + std::to_string(unused_port());
        place().write("stunnel.conf",
                      "foreground = yes\npid =\nengine = pkcs11\nengineCtrl = MODULE_PATH:" +
                          pkcs11_module() + "\n[greeting]\nengineId = pkcs11\naccept = " + m_address +
                          "\nexec = /bin/echo\nexecArgs = echo good morning\n"
                          "cert = pkcs11:token=tok;object=alice\nkey = pkcs11:token=tok;object=alice\n");
        m_process.emplace(std::vector<std::string>{"stunnel", place().path("stunnel.conf")},
                          place().agent().variables(), place().path("stunnel.log"));
        ASSERT_TRUE(eventually([this] { return greeting() == "good morning\n"; })) << log();
    }
    [[nodiscard]] LeafOptions certificate() const override {
        return {.subject = "alice", .email = {}, .usage = CertificateUsage::no_mail, .address = "127.0.0.1"};
    }
    // What a client gets that trusts the root of the place.
    std::string greeting() {
        return place()
            .run({"openssl", "s_client", "-quiet", "-verify_return_error", "-CAfile", "root.pem",
                  "-verify_ip", "127.0.0.1", "-connect", m_address})
            .output;
    }
    std::string log() { return place().read("stunnel.log"); }

  private:
    std::string m_address;
    std::optional<BackgroundProcess> m_process;
};

TEST_P(Stunnel, ServesManyConnectionsAtOnce) {
    std::vector<std::string> greetings(8);
    std::vector<std::thread> clients;
    for (std::string& given : greetings) {
        clients.emplace_back([this, &given] { given = greeting(); });
    }
    for (std::thread& client : clients) {
        client.join();
    }
    EXPECT_THAT(greetings, testing::Each("good morning\n")) << log();
}

TEST_P(Stunnel, GoesOnWithAnAgentThatWasRestarted) {
    place().agent().stop();
    EXPECT_EQ(greeting(), "");
    place().start();
    EXPECT_EQ(greeting(), "good morning\n") << log();
}

INSTANTIATE_TEST_SUITE_P(Keys, Stunnel, testing::Values("rsa:2048", "EC:prime256v1"), kind_of_key);

constexpr const char* openvpn = "/usr/sbin/openvpn";

class Openvpn : public Tls {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(std::filesystem::exists(openvpn), "openvpn");
        Tls::SetUp();
        const auto peer = place().authority().issue_identity(
            "P-256", {.subject = "server", .email = {}, .usage = CertificateUsage::no_mail});
        place().write("server.pem", to_pem(peer.certificate));
        place().write("server.key", to_pem(peer.key.get()));
    }
    // A tunnel without network devices, on this machine.
    BackgroundProcess start(const std::string& log, const std::vector<std::string>& options) {
        std::vector<std::string> command{
            "openvpn", "--dev", "null", "--proto", "udp", "--verb", "3", "--ca", place().path("root.pem")};
        command.insert(command.end(), options.begin(), options.end());
        return {command, place().agent().variables(), place().path(log)};
    }
    // As openvpn names the certificate of the token.
    std::string serialized_id() {
        const auto shown = place().run({openvpn, "--show-pkcs11-ids", pkcs11_module()}).output;
        constexpr std::string_view begin = "Serialized id:";
        const auto at = shown.find_first_not_of(' ', shown.find(begin) + begin.size());
        return shown.substr(at, shown.find('\n', at) - at);
    }
};

TEST_P(Openvpn, ConnectsWithAKeyOnAToken) {
    const auto port = std::to_string(unused_port());
    const auto server =
        start("server.log", {"--tls-server", "--dh", "none", "--local", "127.0.0.1", "--lport", port,
                             "--cert", place().path("server.pem"), "--key", place().path("server.key")});
    const auto client =
        start("client.log", {"--tls-client", "--nobind", "--remote", "127.0.0.1", port, "--pkcs11-providers",
                             pkcs11_module(), "--pkcs11-id", serialized_id()});
    const auto log_says = [this](const std::string& log, const std::string& what) {
        return eventually([&] { return place().read(log).find(what) != std::string::npos; });
    };
    EXPECT_TRUE(log_says("server.log", "[alice] Peer Connection Initiated")) << place().read("server.log");
    EXPECT_TRUE(log_says("client.log", "[server] Peer Connection Initiated")) << place().read("client.log");
    EXPECT_EQ(place().agent().prompts(), 0);
}

INSTANTIATE_TEST_SUITE_P(Keys, Openvpn, testing::Values("rsa:2048", "EC:prime256v1"), kind_of_key);

}  // namespace
}  // namespace signet::test
