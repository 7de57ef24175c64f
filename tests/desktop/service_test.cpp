#include "ipc/codec.h"
#include "ipc/desktop.h"
#include "tests/support/desktop_services.h"
#include "tests/support/helper_process.h"
#include "tests/support/requirements.h"

#include <gtest/gtest.h>

namespace signet::test {
namespace {

ipc::Deadline in_time() {
    return std::chrono::steady_clock::now() + std::chrono::seconds(20);
}

// signet-desktop with the test in the agent's place.
class DesktopService : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(MessageBus::available(), "dbus-daemon");
        m_system_bus.emplace();
        m_session_bus.emplace();
        m_desktop.emplace("signet-desktop", std::vector<std::string>(), 2,
                          Variables{{"DBUS_SYSTEM_BUS_ADDRESS", m_system_bus->address()},
                                    {"DBUS_SESSION_BUS_ADDRESS", m_session_bus->address()},
                                    {"XDG_SESSION_ID", Logind::session_id}});
    }

    ipc::Client& calls() { return m_desktop->clients().at(0); }
    ipc::Client& events() { return m_desktop->clients().at(1); }

    Result<ipc::Reply> call(const std::string& method, std::string_view parameters) {
        return calls().call(std::string(ipc::desktop_interface) + "." + method, parameters, {}, in_time());
    }
    void begin_watch() {
        ASSERT_TRUE(events().call_more("org.signet.desktop.Watch", "{}"));
        ASSERT_EQ(next_event(), ipc::DesktopEvent::watching);
    }
    ipc::DesktopEvent next_event() {
        return ipc::decode_desktop_event(events().next_reply(in_time()).value().parameters).value();
    }

    std::optional<MessageBus> m_system_bus;
    std::optional<MessageBus> m_session_bus;
    std::optional<HelperProcess> m_desktop;
};

TEST_F(DesktopService, ReportsWhatHappensInOrder) {
    begin_watch();
    Logind logind(*m_system_bus);
    ASSERT_TRUE(eventually([&logind] { return logind.sleep_is_delayed(); }));
    logind.prepare_for_sleep(true);
    EXPECT_EQ(next_event(), ipc::DesktopEvent::going_to_sleep);
    EXPECT_TRUE(logind.sleep_is_delayed());
    ASSERT_TRUE(call("ReadyToSleep", "{}"));
    EXPECT_TRUE(eventually([&logind] { return !logind.sleep_is_delayed(); }));
    logind.prepare_for_sleep(false);
    EXPECT_EQ(next_event(), ipc::DesktopEvent::awake);
    logind.set_locked_hint(true);
    EXPECT_EQ(next_event(), ipc::DesktopEvent::screen_locked);
}

// A sleep that was called off, and the answer to it comes late.
TEST_F(DesktopService, KeepsTheDelayOfTheNextSleep) {
    begin_watch();
    Logind logind(*m_system_bus);
    ASSERT_TRUE(eventually([&logind] { return logind.sleep_is_delayed(); }));
    logind.prepare_for_sleep(true);
    logind.prepare_for_sleep(false);
    EXPECT_EQ(next_event(), ipc::DesktopEvent::going_to_sleep);
    EXPECT_EQ(next_event(), ipc::DesktopEvent::awake);
    ASSERT_TRUE(eventually([&logind] { return logind.delays() == 2; }));
    ASSERT_TRUE(call("ReadyToSleep", "{}"));
    EXPECT_TRUE(logind.sleep_is_delayed());
}

TEST_F(DesktopService, ClosesANotificationThatWasTakenBackBeforeItWasShown) {
    const NotificationServer server(*m_session_bus);
    const ipc::NotifyCall notify{
        .id = 7, .notification = {.kind = ipc::NotificationKind::touch_needed, .token = "card"}};
    ASSERT_TRUE(call("Notify", ipc::encode(notify)));
    ASSERT_TRUE(call("Withdraw", ipc::encode_withdraw_call(7)));
    EXPECT_TRUE(eventually([&server] { return !server.shown().empty() && server.shown()[0].closed; }));
    EXPECT_TRUE(call("Withdraw", ipc::encode_withdraw_call(7))) << "it is gone already";
}

TEST_F(DesktopService, ShowsWhatTellsOfAPinOnceSomebodyShowsNotifications) {
    const auto notify = [this](std::uint32_t id, ipc::NotificationKind kind) {
        return call("Notify",
                    ipc::encode(ipc::NotifyCall{.id = id, .notification = {.kind = kind, .token = "card"}}));
    };
    ASSERT_TRUE(notify(1, ipc::NotificationKind::touch_needed));
    ASSERT_TRUE(notify(2, ipc::NotificationKind::pin_blocked));
    ASSERT_TRUE(notify(3, ipc::NotificationKind::pin_blocked));
    ASSERT_TRUE(call("Withdraw", ipc::encode_withdraw_call(3)));
    ASSERT_TRUE(eventually(
        [this] { return m_desktop->log().find("the desktop shows no notifications") != std::string::npos; }));
    std::optional<NotificationServer> server(std::in_place, *m_session_bus);
    EXPECT_TRUE(eventually([&server] { return !server->shown().empty(); })) << m_desktop->log();
    ASSERT_TRUE(notify(4, ipc::NotificationKind::touch_needed));
    ASSERT_TRUE(eventually([&server] { return server->shown().size() == 2; }));
    EXPECT_EQ(server->shown()[0].summary, "A PIN is blocked");
    EXPECT_EQ(server->shown()[1].summary, "Touch your token");
}

TEST_F(DesktopService, ShowsWhatCameBeforeTheBus) {
    m_session_bus->stop();
    const ipc::NotifyCall notify{
        .id = 1, .notification = {.kind = ipc::NotificationKind::pin_blocked, .token = "card"}};
    ASSERT_TRUE(call("Notify", ipc::encode(notify)));
    m_session_bus->start();
    const NotificationServer server(*m_session_bus);
    EXPECT_TRUE(eventually([&server] { return server.shown().size() == 1; })) << m_desktop->log();
}

// The numbers of a server that was started again may be those of others' notifications.
TEST_F(DesktopService, ClosesNothingOfAServerThatCameLater) {
    const ipc::NotifyCall notify{
        .id = 7, .notification = {.kind = ipc::NotificationKind::touch_needed, .token = "card"}};
    std::optional<NotificationServer> server(std::in_place, *m_session_bus);
    ASSERT_TRUE(call("Notify", ipc::encode(notify)));
    ASSERT_TRUE(eventually([&server] { return server->shown().size() == 1; }));
    server.reset();
    server.emplace(*m_session_bus);
    ipc::NotifyCall other = notify;
    other.id = 8;
    ASSERT_TRUE(call("Notify", ipc::encode(other)));
    ASSERT_TRUE(eventually([&server] { return server->shown().size() == 1; }));
    ASSERT_TRUE(call("Withdraw", ipc::encode_withdraw_call(7)));
    other.id = 9;
    ASSERT_TRUE(call("Notify", ipc::encode(other)));
    ASSERT_TRUE(eventually([&server] { return server->shown().size() == 2; }));
    EXPECT_FALSE(server->shown()[0].closed);
}

TEST_F(DesktopService, RefusesWhatItsInterfaceDoesNotHave) {
    EXPECT_EQ(call("Dance", "{}").error().code, ErrorCode::method_not_found);
    EXPECT_EQ(call("Watch", "{}").error().code, ErrorCode::unsupported);
    EXPECT_EQ(call("ReadyToSleep", R"({"when": "now"})").error().code, ErrorCode::invalid_parameter);
    EXPECT_EQ(call("Notify", R"({"id": 1})").error().code, ErrorCode::invalid_parameter);
    begin_watch();
    ASSERT_TRUE(calls().call_more("org.signet.desktop.Watch", "{}"));
    EXPECT_EQ(calls().next_reply(in_time()).error().code, ErrorCode::unsupported) << "a second one";
}

TEST_F(DesktopService, DescribesItself) {
    const auto reply = calls().call("org.varlink.service.GetInterfaceDescription",
                                    R"({"interface": "org.signet.desktop"})", {}, in_time());
    ASSERT_TRUE(reply);
}

TEST_F(DesktopService, EndsWithItsLastSocket) {
    begin_watch();
    m_desktop->clients().pop_back();
    EXPECT_TRUE(call("ReadyToSleep", "{}")) << "one is left";
    m_desktop->close_sockets();
    EXPECT_EQ(m_desktop->process().wait(std::chrono::seconds(20)), 0) << m_desktop->log();
}

}  // namespace
}  // namespace signet::test
