#include "tests/desktop/desktop_place.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
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
    ScreenSaver free_desktop(place.session_bus(), "org.freedesktop.ScreenSaver",
                             "/org/freedesktop/ScreenSaver");
    ScreenSaver gnome(place.session_bus(), "org.gnome.ScreenSaver", "/org/gnome/ScreenSaver");
    place.start(follows_screen_savers);
    for (auto* screen_saver : {&free_desktop, &gnome}) {
        ASSERT_TRUE(place.agent().unlock());
        screen_saver->set_active(false);
        screen_saver->set_active(true);
        EXPECT_TRUE(place.comes_to_be_unlocked(false)) << place.agent().log();
    }
}

}  // namespace
}  // namespace signet::test
