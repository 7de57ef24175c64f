#include "ipc/codec.h"
#include "tests/desktop/desktop_place.h"
#include "tests/support/requirements.h"
#include "tests/support/rest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <deque>
#include <optional>

namespace signet::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* module_of_tests = SIGNET_BUILD_DIR "/tests/signet-test-module.so";
constexpr const char* follows_session = "logind: watching /org/freedesktop/login1/session/_31";
constexpr const char* follows_screen_savers = "connected to the session bus";

class LockWithScreen : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        SIGNET_REQUIRE(MessageBus::available(), "dbus-daemon");
    }
};

TEST_F(LockWithScreen, LocksTheTokenWhenSomebodyLocksTheSession) {
    DesktopPlace place;
    Logind logind(place.system_bus());
    place.start(follows_session);
    ASSERT_TRUE(place.agent().unlock());
    ASSERT_TRUE(place.comes_to_be_unlocked(true));
    logind.lock();
    EXPECT_TRUE(place.comes_to_be_unlocked(false)) << place.agent().log();
}

TEST_F(LockWithScreen, LocksTheTokenWhenTheDesktopSaysThatItIsLocked) {
    DesktopPlace place;
    Logind logind(place.system_bus());
    place.start(follows_session);
    ASSERT_TRUE(place.agent().unlock());
    logind.set_locked_hint(false);
    logind.set_locked_hint(true);
    EXPECT_TRUE(place.comes_to_be_unlocked(false)) << place.agent().log();
    ASSERT_TRUE(place.agent().unlock()) << "a PIN can be given behind the lock";
    EXPECT_TRUE(place.comes_to_be_unlocked(true));
}

TEST_F(LockWithScreen, LocksTheTokenWhenAScreenSaverCoversTheScreen) {
    DesktopPlace place;
    std::deque<ScreenSaver> screen_savers;
    for (const std::string desktop : {"freedesktop", "gnome", "cinnamon", "mate", "xfce"}) {
        screen_savers.emplace_back(place.session_bus(), "org." + desktop + ".ScreenSaver",
                                   "/org/" + desktop + "/ScreenSaver");
    }
    place.start(follows_screen_savers);
    for (auto& screen_saver : screen_savers) {
        ASSERT_TRUE(place.agent().unlock());
        screen_saver.set_active(false);
        screen_saver.set_active(true);
        EXPECT_TRUE(place.comes_to_be_unlocked(false)) << place.agent().log();
    }
}

TEST_F(LockWithScreen, LocksTheTokenWhereTheScreenIsLockedWhenTheWatchBegins) {
    DesktopPlace place;
    Logind logind(place.system_bus(), true);
    place.start("the screen is locked");
    ASSERT_TRUE(place.agent().unlock());
    ::kill(helpers(place.agent(), "signet-desktop").at(0), SIGKILL);
    EXPECT_TRUE(place.is_logged("the screen is locked", 2)) << place.agent().log();
    EXPECT_TRUE(place.comes_to_be_unlocked(false)) << place.agent().log();
}

TEST_F(LockWithScreen, AsksAScreenSaverThatRunsAlready) {
    DesktopPlace place;
    const ScreenSaver screen_saver(place.session_bus(), "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver",
                                   true);
    place.start("the screen is locked");
}

TEST_F(LockWithScreen, FollowsASessionThatBeginsLater) {
    DesktopPlace place;
    Logind logind(place.system_bus());
    logind.end_session();
    place.start("logind: session auto");
    logind.begin_session();
    ASSERT_TRUE(place.is_logged(follows_session)) << place.agent().log();
    ASSERT_TRUE(place.agent().unlock());
    logind.lock();
    EXPECT_TRUE(place.comes_to_be_unlocked(false)) << place.agent().log();
}

TEST_F(LockWithScreen, FallsBackToTheDisplaySessionWhereTheNamedOneIsGone) {
    AgentOptions options;
    options.variables = {{"XDG_SESSION_ID", "c99"}};
    DesktopPlace place(options);
    Logind logind(place.system_bus());
    place.start(follows_session);
}

// The module's logout waits, so that what comes first can be seen.
TEST_F(LockWithScreen, LetsTheMachineSleepOnlyWhenTheTokenIsLoggedOut) {
    const TemporaryDirectory folder;
    const auto fault = folder / "fault";
    write_file(fault, "slow-logout");
    AgentOptions options;
    options.module = module_of_tests;
    options.variables = {{"SIGNET_TEST_FAULT_FILE", fault}};
    DesktopPlace place(options);
    Logind logind(place.system_bus());
    place.start(follows_session);
    ASSERT_TRUE(eventually([&logind] { return logind.sleep_is_delayed(); }));
    ASSERT_TRUE(place.agent().unlock());
    auto watcher = place.agent().client();
    ASSERT_TRUE(watcher.call_more("org.signet.agent.Watch", "{}"));
    const auto next = [&watcher] {
        const auto reply = watcher.next_reply(std::chrono::steady_clock::now() + std::chrono::seconds(20));
        return ipc::decode_watch_reply(reply.value().parameters).value();
    };
    (void)next();
    logind.prepare_for_sleep(true);
    EXPECT_EQ(next().change->kind, ipc::ChangeKind::token_locked);
    EXPECT_FALSE(eventually([&logind] { return !logind.sleep_is_delayed(); }, std::chrono::milliseconds(300)))
        << "the token is still logged in";
    write_file(fault, "");
    EXPECT_TRUE(eventually([&logind] { return !logind.sleep_is_delayed(); })) << place.agent().log();
    logind.prepare_for_sleep(false);
    EXPECT_TRUE(eventually([&logind] { return logind.sleep_is_delayed(); })) << "for the next time";
    EXPECT_EQ(logind.delays(), 2);
}

TEST_F(LockWithScreen, DelaysNoSleepWithoutAToken) {
    DesktopPlace place;
    Logind logind(place.system_bus());
    place.start(follows_session);
    ASSERT_TRUE(eventually([&logind] { return logind.sleep_is_delayed(); }));
    logind.prepare_for_sleep(true);
    EXPECT_TRUE(eventually([&logind] { return !logind.sleep_is_delayed(); })) << place.agent().log();
}

TEST_F(LockWithScreen, StartsItsWatchAgainWhenThatIsKilled) {
    DesktopPlace place;
    Logind logind(place.system_bus());
    place.start(follows_session);
    ASSERT_TRUE(place.agent().unlock());
    ::kill(helpers(place.agent(), "signet-desktop").at(0), SIGKILL);
    ASSERT_TRUE(place.is_logged(follows_session, 2)) << place.agent().log();
    EXPECT_TRUE(place.comes_to_be_unlocked(true)) << "nobody has locked anything";
    EXPECT_THAT(place.agent().log(), HasSubstr("the desktop was ended by signal 9"));
    logind.lock();
    EXPECT_TRUE(place.comes_to_be_unlocked(false)) << place.agent().log();
}

TEST_F(LockWithScreen, FindsABusThatWasStartedAgain) {
    DesktopPlace place;
    std::optional<Logind> logind(std::in_place, place.system_bus());
    place.start(follows_session);
    ASSERT_TRUE(place.agent().unlock());
    logind.reset();
    place.system_bus().stop();
    ASSERT_TRUE(place.is_logged("the system bus is gone"));
    place.system_bus().start();
    logind.emplace(place.system_bus());
    ASSERT_TRUE(place.is_logged(follows_session, 2)) << place.agent().log();
    logind->lock();
    EXPECT_TRUE(place.comes_to_be_unlocked(false)) << place.agent().log();
}

TEST_F(LockWithScreen, MissesNothingWithoutAnyBus) {
    DesktopPlace place;
    place.system_bus().stop();
    place.session_bus().stop();
    place.start("no session bus");
    EXPECT_TRUE(place.agent().unlock());
    EXPECT_TRUE(place.comes_to_be_unlocked(true));
    EXPECT_THAT(place.agent().log(), Not(HasSubstr("warning")));
}

TEST_F(LockWithScreen, DropsSignalsThatMakeNoSense) {
    DesktopPlace place;
    Logind logind(place.system_bus());
    place.start(follows_session);
    ASSERT_TRUE(place.agent().unlock());
    logind.send_nonsense();
    logind.set_locked_hint(false);
    logind.lock();
    EXPECT_TRUE(place.comes_to_be_unlocked(false)) << place.agent().log();
    EXPECT_EQ(helpers(place.agent(), "signet-desktop").size(), 1U);
    EXPECT_THAT(place.agent().log(), Not(HasSubstr("was ended by")));
}

TEST_F(LockWithScreen, IsNotDoneWhereItIsNotWanted) {
    DesktopPlace place;
    Logind logind(place.system_bus());
    place.start(follows_session);
    AgentOptions unwanted;
    unwanted.notifications = true;
    place.agent().write_config(unwanted);
    place.agent().process().signal(SIGHUP);
    ASSERT_TRUE(place.is_logged("configuration reloaded"));
    EXPECT_TRUE(eventually([&logind] { return !logind.sleep_is_delayed(); }));
    unwanted.notifications = false;
    place.agent().write_config(unwanted);
    place.agent().process().signal(SIGHUP);
    EXPECT_TRUE(eventually([&place] { return helpers(place.agent(), "signet-desktop").empty(); }));
}

TEST_F(LockWithScreen, CostsNothingWhileNobodyLeaves) {
    DesktopPlace place;
    const Logind logind(place.system_bus());
    const NotificationServer notifications(place.session_bus());
    place.start(follows_session);
    EXPECT_TRUE(comes_to_rest(place.agent().process().pid()));
    EXPECT_EQ(helpers(place.agent(), "signet-desktop").size(), 1U);
}

}  // namespace
}  // namespace signet::test
