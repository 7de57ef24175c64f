#include "agent/config.h"

#include <gtest/gtest.h>

namespace signet::agent {
namespace {

std::string error_of(std::string_view text) {
    Config config;
    const auto result = apply_config(config, text, "f.toml");
    return result ? "" : result.error().detail;
}

TEST(Configuration, IsReadInFull) {
    Config config;
    ASSERT_TRUE(apply_config(config, R"(
[agent]
pinentry = "/opt/pinentry"
pin_cache = "90s"
log_level = "warning"
administration = false
[piv]
enabled = false
deauthenticate = false
[desktop]
notifications = false
lock_with_screen = false
[[pkcs11]]
name = "one"
module = "/usr/lib/one.so"
[[pkcs11]]
name = "two"
module = "/usr/lib/two.so"
sessions = 4
)",
                             "f.toml"));
    EXPECT_EQ(config.pinentry, "/opt/pinentry");
    EXPECT_EQ(config.pin_cache, std::chrono::seconds(90));
    EXPECT_EQ(config.log_level, log::Level::warning);
    EXPECT_FALSE(config.administration);
    EXPECT_EQ(config.piv, (PivConfig{.enabled = false, .deauthenticate = false}));
    EXPECT_EQ(config.desktop, (DesktopConfig{.notifications = false, .lock_with_screen = false}));
    const std::vector<ModuleConfig> expected = {{.name = "one", .module = "/usr/lib/one.so", .sessions = 1},
                                                {.name = "two", .module = "/usr/lib/two.so", .sessions = 4}};
    EXPECT_EQ(config.modules, expected);
}

TEST(Configuration, TakesMinutesHoursAndZeroAsCacheTime) {
    for (const auto& [text, seconds] : {std::pair{"15m", 900}, {"2h", 7200}, {"0", 0}, {"0s", 0}}) {
        Config config;
        ASSERT_TRUE(apply_config(config, "[agent]\npin_cache = \"" + std::string(text) + "\"", "f"));
        EXPECT_EQ(config.pin_cache.count(), seconds);
    }
}

TEST(Configuration, NamesFileAndLineOfAnUnknownKey) {
    EXPECT_EQ(error_of("[agent]\npinentry = \"/p\"\npin_cash = \"1m\"\n"),
              "f.toml:3: unknown key agent.pin_cash");
    EXPECT_EQ(error_of("\n[gpg]\nenabled = true\n"), "f.toml:2: unknown key gpg");
    EXPECT_EQ(error_of("[piv]\nenable = true\n"), "f.toml:2: unknown key piv.enable");
    EXPECT_EQ(error_of("[[pkcs11]]\nname = \"a\"\nmodule = \"/m\"\nslots = 2\n"),
              "f.toml:4: unknown key pkcs11.slots");
}

TEST(Configuration, RefusesWrongValues) {
    for (const auto* text :
         {"[agent]\npin_cache = 15", "[agent]\npin_cache = \"15\"", "[agent]\npin_cache = \"-1m\"",
          "[agent]\npin_cache = \"99999999999999999999h\"", "[agent]\npin_cache = \"1d\"",
          "[agent]\npin_cache = \"31622400h\"", "[agent]\npinentry = \"pinentry\"",
          "[agent]\nlog_level = \"loud\"", "agent = 1", "pkcs11 = 3", "[pkcs11]\nname = \"a\"",
          "[[pkcs11]]\nname = \"a\"", "[[pkcs11]]\nname = \"a b\"\nmodule = \"/m\"",
          "[[pkcs11]]\nname = \"a\"\nmodule = \"m\"",
          "[[pkcs11]]\nname = \"a\"\nmodule = \"/m\"\nsessions = 0",
          "[[pkcs11]]\nname = \"a\"\nmodule = \"/m\"\nsessions = 65", "[agent"}) {
        EXPECT_TRUE(error_of(text).starts_with("f.toml:")) << text << ": " << error_of(text);
    }
}

TEST(Configuration, RefusesTwoModulesOfOneName) {
    EXPECT_EQ(
        error_of("[[pkcs11]]\nname = \"a\"\nmodule = \"/m\"\n[[pkcs11]]\nname = \"a\"\nmodule = \"/n\"\n"),
        "f.toml:4: a second module named a");
}

TEST(Configuration, OfThePersonLiesOverThatOfTheSystem) {
    Config config;
    ASSERT_TRUE(apply_config(
        config, "[agent]\npin_cache = \"1m\"\n[[pkcs11]]\nname = \"a\"\nmodule = \"/system\"\n", "system"));
    ASSERT_TRUE(apply_config(
        config, "[[pkcs11]]\nname = \"a\"\nmodule = \"/own\"\n[[pkcs11]]\nname = \"b\"\nmodule = \"/b\"\n",
        "own"));
    EXPECT_EQ(config.pin_cache, std::chrono::minutes(1));
    ASSERT_EQ(config.modules.size(), 2U);
    EXPECT_EQ(config.modules[0].module, "/own");
    EXPECT_EQ(config.modules[1].module, "/b");
}

TEST(Configuration, StaysAsItWasWhenAFileIsWrong) {
    Config config;
    ASSERT_FALSE(apply_config(config, "[agent]\npin_cache = \"1m\"\nwrong = 1\n", "f"));
    EXPECT_EQ(config.pin_cache, std::chrono::minutes(15));
}

TEST(Configuration, DrivesPivCardsUnlessToldOtherwise) {
    EXPECT_EQ(Config().piv, (PivConfig{.enabled = true, .deauthenticate = true}));
    EXPECT_EQ(error_of("[piv]\nenabled = 1\n"), "f.toml:2: enabled must be true or false");
    EXPECT_EQ(error_of("[[pkcs11]]\nname = \"piv\"\nmodule = \"/m\"\n"),
              "f.toml:2: the name piv stands for the PIV cards that need no module");
}

TEST(Configuration, LocksWithTheScreenAndNotifiesUnlessToldOtherwise) {
    EXPECT_EQ(Config().desktop, (DesktopConfig{.notifications = true, .lock_with_screen = true}));
    EXPECT_EQ(error_of("[desktop]\nlock = true\n"), "f.toml:2: unknown key desktop.lock");
    EXPECT_EQ(error_of("[desktop]\nnotifications = \"yes\"\n"),
              "f.toml:2: notifications must be true or false");
}

}  // namespace
}  // namespace signet::agent
