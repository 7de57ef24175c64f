// The real Firefox without a window logs in to a server with a certificate whose key is on the token.
#include "tests/clients/tls_server.h"
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
        m_place->start();
        m_profile.emplace(m_place->authority().certificate());
        m_profile->add_module("signet", pkcs11_module());
        write_file(m_profile->folder() / "user.js", preferences);
    }

    std::optional<Workplace> m_place;
    std::optional<NssDatabase> m_profile;
};

TEST_P(Firefox, LogsInWithAKeyOnAToken) {
    const TlsServer server(*m_place);
    Variables variables = m_place->agent().variables();
    variables["HOME"] = m_profile->folder();
    BackgroundProcess firefox(
        {"firefox-esr", "--headless", "--no-remote", "--profile", m_profile->folder(), "--screenshot",
         m_place->path("page.png"), "https://" + server.address() + "/"},
        variables, m_place->path("firefox.log"));
    EXPECT_TRUE(eventually([&server] { return server.has_seen("alice"); }, std::chrono::seconds(100)))
        << server.log() << m_place->read("firefox.log");
    EXPECT_TRUE(eventually([this] { return std::filesystem::exists(m_place->path("page.png")); },
                           std::chrono::seconds(30)));
    EXPECT_THAT(server.log(), HasSubstr("verify return:1"));
    EXPECT_EQ(m_place->agent().prompts(), 0);
}

INSTANTIATE_TEST_SUITE_P(Keys, Firefox, testing::Values("rsa:2048", "EC:prime256v1"), [](const auto& kind) {
    return std::string(kind.param).substr(0, kind.index == 0 ? 3 : 2);
});

}  // namespace
}  // namespace signet::test
