#include "ipc/codec.h"
#include "tests/desktop/desktop_place.h"
#include "tests/e2e/card_workplace.h"
#include "tests/e2e/token_command.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <optional>
#include <thread>

namespace signet::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class DesktopNotification : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        SIGNET_REQUIRE(MessageBus::available(), "dbus-daemon");
    }

    // The first that has this in its summary.
    static std::optional<ShownNotification> find(const NotificationServer& server,
                                                 const std::string& summary) {
        for (const auto& notification : server.shown()) {
            if (notification.summary.find(summary) != std::string::npos) {
                return notification;
            }
        }
        return std::nullopt;
    }

    static bool comes(const NotificationServer& server, const std::string& summary) {
        return eventually([&server, &summary] { return find(server, summary).has_value(); });
    }
};

void add_identity(const RunningAgent& agent, const std::string& email, int last_day) {
    static int next_id = 0x40;
    TestAuthority authority;
    const auto identity =
        authority.issue_identity("P-256", {.subject = email, .email = email, .last_day = last_day});
    KeyImporter(agent.softhsm(), "tok").import(identity.key.get(), email);
    const Bytes der = identity.certificate.der();
    agent.softhsm().write_certificate("tok", std::string(as_text(der)), std::to_string(next_id++), email);
}

AgentOptions with_fault_file(const std::filesystem::path& file) {
    write_file(file, "");
    AgentOptions options;
    options.module = SIGNET_BUILD_DIR "/tests/signet-test-module.so";
    options.variables = {{"SIGNET_TEST_FAULT_FILE", file}};
    return options;
}

TEST_F(DesktopNotification, TellsOnceOfACertificateThatEndsSoonAndOfAPinThatIsBlocked) {
    const TemporaryDirectory folder;
    const auto fault = folder / "fault";
    DesktopPlace place(with_fault_file(fault));
    const NotificationServer desktop(place.session_bus());
    add_identity(place.agent(), "alice@example.org", 10);
    add_identity(place.agent(), "bob@example.org", 40);
    place.start("connected to the session bus");
    ASSERT_TRUE(comes(desktop, "A certificate ends soon")) << place.agent().log();
    const auto ends = *find(desktop, "A certificate ends soon");
    EXPECT_EQ(ends.application, "signet");
    EXPECT_THAT(ends.body, HasSubstr("The certificate of alice@example.org on tok ends on 2"));

    write_file(fault, "removed");
    ASSERT_TRUE(eventually([&place] { return place.agent().tokens().empty(); }));
    write_file(fault, "pin-locked");
    ASSERT_TRUE(eventually([&place] { return !place.agent().tokens().empty(); }));
    EXPECT_EQ(place.agent().unlock().error().code, ErrorCode::pin_blocked);
    ASSERT_TRUE(comes(desktop, "A PIN is blocked")) << place.agent().log();
    EXPECT_EQ(place.agent().unlock().error().code, ErrorCode::pin_blocked);
    // What comes later is behind all that could have come.
    add_identity(place.agent(), "carol@example.org", 5);
    ASSERT_TRUE(eventually([&desktop, &place] {
        (void)place.agent().tokens();
        return desktop.shown().size() >= 3;
    }));
    EXPECT_THAT(desktop.shown().at(2).body, HasSubstr("carol@example.org"));
    EXPECT_EQ(desktop.shown().size(), 3U);
}

TEST_F(DesktopNotification, TellsOfTheFirstOfSeveralCertificates) {
    DesktopPlace place;
    const NotificationServer desktop(place.session_bus());
    add_identity(place.agent(), "bob@example.org", 10);
    add_identity(place.agent(), "alice@example.org", 9);
    place.start("connected to the session bus");
    ASSERT_TRUE(comes(desktop, "2 certificates end soon")) << place.agent().log();
    EXPECT_THAT(find(desktop, "2 cert")->body,
                HasSubstr("The first, of alice@example.org on tok, ends on 2"));
    EXPECT_EQ(desktop.shown().size(), 1U);
}

TEST_F(DesktopNotification, IsMissedByNobodyWhereNothingShowsThem) {
    DesktopPlace place;
    add_identity(place.agent(), "alice@example.org", 10);
    place.start("the desktop shows no notifications");
    EXPECT_TRUE(place.agent().unlock());
    EXPECT_THAT(place.agent().log(), Not(HasSubstr("warning")));
}

TEST_F(DesktopNotification, ComesWhenNotificationsAreTurnedOn) {
    DesktopPlace place;
    const NotificationServer desktop(place.session_bus());
    add_identity(place.agent(), "alice@example.org", 10);
    AgentOptions options;
    options.lock_with_screen = true;
    place.agent().write_config(options);
    place.agent().start();
    ASSERT_EQ(place.agent().tokens().size(), 1U);
    options.notifications = true;
    place.agent().write_config(options);
    place.agent().process().signal(SIGHUP);
    ASSERT_TRUE(place.is_logged("configuration reloaded"));
    EXPECT_EQ(place.agent().tokens().size(), 1U);
    EXPECT_TRUE(comes(desktop, "A certificate ends soon")) << place.agent().log();
}

TEST_F(DesktopNotification, ComesWhenADesktopBeginsToShowThem) {
    DesktopPlace place;
    add_identity(place.agent(), "alice@example.org", 10);
    place.start("the desktop shows no notifications");
    const NotificationServer desktop(place.session_bus());
    EXPECT_TRUE(comes(desktop, "A certificate ends soon")) << place.agent().log();
}

class DesktopNotificationOfACard : public DesktopNotification {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PCSCD();
        SIGNET_REQUIRE(MessageBus::available(), "dbus-daemon");
        auto state = piv_card::new_card(12345678, {5, 4, 3});
        TestAuthority authority;
        const auto& key = piv_card::put_key(state, 0x9A, piv_card::KeyAlgorithm::p256);
        piv_card::put_certificate(state, 0x9A,
                                  authority.issue(key.get(), {.subject = "card", .last_day = 400}));
        state.keys.at(0x9A).touch_policy = piv_card::TouchPolicy::always;
        state.management_key.touch_policy = piv_card::TouchPolicy::always;
        m_desktop.emplace(m_session_bus);
        AgentOptions options;
        options.notifications = true;
        options.variables = desktop_variables(m_system_bus, m_session_bus);
        m_place.emplace(state, InsertedCardOptions{.settings = {"touch=awaited"}}, options);
        m_place->start();
        ASSERT_TRUE(m_place->agent().unlock(InsertedCard::pin)) << m_place->agent().log();
    }

    // Does `use` with a finger near, which comes when the desktop asks for it.
    template <class Use>
    auto with_finger(Use use) {
        std::atomic<bool> done = false;
        std::thread finger([this, &done] {
            EXPECT_TRUE(comes(*m_desktop, "Touch your token")) << m_place->agent().log();
            EXPECT_FALSE(find(*m_desktop, "Touch your token")->closed);
            EXPECT_TRUE(eventually([this, &done] {
                if (m_place->card().wants_touch()) {
                    m_place->card().touch();
                }
                return done.load();
            }));
        });
        auto result = use();
        done = true;
        finger.join();
        return result;
    }

    void expect_that_it_closes() {
        EXPECT_TRUE(eventually([this] { return find(*m_desktop, "Touch your token")->closed; }));
        EXPECT_EQ(m_desktop->shown().size(), 1U);
    }

    MessageBus m_system_bus;
    MessageBus m_session_bus;
    std::optional<NotificationServer> m_desktop;
    std::optional<CardWorkplace> m_place;
};

TEST_F(DesktopNotificationOfACard, StandsAsLongAsItWaitsForAFinger) {
    EXPECT_EQ(outcome(with_finger([this] { return m_place->sign("9a"); })), "good");
    EXPECT_THAT(find(*m_desktop, "Touch")->body,
                HasSubstr("waits for your finger. Asked for by test-e2e-desktop (pid " +
                          std::to_string(getpid()) + ")."));
    expect_that_it_closes();
}

TEST_F(DesktopNotificationOfACard, SaysForWhomAndForWhatAProgramAsks) {
    const auto signed_for_ssh = with_finger([this] {
        auto client = m_place->agent().client();
        const ipc::SignCall call{.use = m_place->key("9a").value().use,
                                 .scheme = SignatureScheme::ecdsa,
                                 .data = Bytes(32),
                                 .asking = {.on_behalf_of = static_cast<std::uint32_t>(getppid()),
                                            .purpose = "to log in as \"alice\""}};
        return client.call("org.signet.agent.Sign", ipc::encode(call));
    });
    EXPECT_EQ(outcome(signed_for_ssh), "good");
    const auto shown = find(*m_desktop, "Touch")->body;
    EXPECT_THAT(shown, HasSubstr(" (pid " + std::to_string(getppid()) + ") through test-e2e-desktop (pid "));
    EXPECT_THAT(shown, HasSubstr("), to log in as \"alice\"."));
}

TEST_F(DesktopNotificationOfACard, StandsWhileTheManagementKeyWaitsForAFinger) {
    const auto made = with_finger([this] {
        return m_place->run(token_command(m_place->path(""),
                                          {"generate", "--slot", "9c", "--algorithm", "p256"},
                                          {{"--management-key-fd", InsertedCard::management_key}}));
    });
    EXPECT_EQ(made.exit_status, 0) << made.error_output;
    EXPECT_THAT(made.error_output, HasSubstr("it waits for your finger"));
    expect_that_it_closes();
}

}  // namespace
}  // namespace signet::test
