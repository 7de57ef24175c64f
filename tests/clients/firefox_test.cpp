// The real Firefox without a window logs in to a server with a certificate whose key is on the token.
#include "tests/e2e/workplace.h"
#include "tests/support/mail_peers.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::HasSubstr;

// The only certificate that fits is taken unasked, and nothing is looked for on the network.
constexpr std::string_view preferences = R"(
user_pref("security.default_personal_cert", "Select Automatically");
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.proxy.type", 0);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("services.settings.server", "data:,#");
user_pref("app.normandy.enabled", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("extensions.update.enabled", false);
)";

class Firefox : public testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        SIGNET_REQUIRE_PROGRAM("firefox-esr");
        SIGNET_REQUIRE_PROGRAM("certutil");
        m_place.emplace();
        m_place->add_identity(GetParam(), "01", "alice@example.test", CertificateUsage::authenticate);
        const auto server = m_place->authority().issue_identity(
            "P-256",
            {.subject = "server", .email = {}, .usage = CertificateUsage::no_mail, .address = "127.0.0.1"});
        m_place->write("server.pem", to_pem(server.certificate));
        m_place->write("server.key", to_pem(server.key.get()));
        m_place->start();
        m_profile.emplace(m_place->authority().certificate());
        m_profile->add_module("signet", pkcs11_module());
        write_file(m_profile->folder() / "user.js", preferences);
    }
    // Speaks TLS to whom the root has certified, and nobody else.
    [[nodiscard]] std::unique_ptr<BackgroundProcess> start_server() {
        return std::make_unique<BackgroundProcess>(
            std::vector<std::string>{"openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert",
                                     m_place->path("server.pem"), "-key", m_place->path("server.key"),
                                     "-CAfile", m_place->path("root.pem"), "-Verify", "1",
                                     "-verify_return_error"},
            Variables{}, m_place->path("server.log"));
    }
    // Empty while it does not listen.
    [[nodiscard]] std::string server_address() const {
        constexpr std::string_view begin = "ACCEPT ";
        const auto log = m_place->read("server.log");
        const auto at = log.find(begin);
        const auto end = log.find('\n', at);
        return end == std::string::npos ? std::string()
                                        : log.substr(at + begin.size(), end - at - begin.size());
    }

    std::optional<Workplace> m_place;
    std::optional<NssDatabase> m_profile;
};

TEST_P(Firefox, LogsInWithAKeyOnAToken) {
    const auto server = start_server();
    ASSERT_TRUE(eventually([this] { return !server_address().empty(); })) << m_place->read("server.log");
    Variables variables = m_place->agent().variables();
    variables["HOME"] = m_profile->folder();
    BackgroundProcess firefox(
        {"firefox-esr", "--headless", "--no-remote", "--profile", m_profile->folder(), "--screenshot",
         m_place->path("page.png"), "https://" + server_address() + "/"},
        variables, m_place->path("firefox.log"));
    const bool logged_in =
        eventually([this] { return m_place->read("server.log").find("CN = alice") != std::string::npos; },
                   std::chrono::seconds(100));
    EXPECT_TRUE(logged_in) << m_place->read("server.log") << m_place->read("firefox.log");
    EXPECT_TRUE(eventually([this] { return std::filesystem::exists(m_place->path("page.png")); },
                           std::chrono::seconds(30)));
    EXPECT_THAT(m_place->read("server.log"), HasSubstr("verify return:1"));
    EXPECT_EQ(m_place->agent().prompts(), 0);
}

INSTANTIATE_TEST_SUITE_P(Keys, Firefox, testing::Values("rsa:2048", "EC:prime256v1"), [](const auto& kind) {
    return std::string(kind.param).substr(0, kind.index == 0 ? 3 : 2);
});

}  // namespace
}  // namespace signet::test
