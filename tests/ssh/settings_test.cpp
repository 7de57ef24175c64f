#include "ssh/settings.h"

#include <gmock/gmock.h>

namespace signet::ssh {
namespace {

using testing::HasSubstr;

const std::string identifier(64, 'a');
constexpr const char* fingerprint = "SHA256:RXm/ruZ0eTzRXKwi1AQEDynB0VgHQ2ac9KPSFdf/YnA";

Settings settings_of(std::string_view text) {
    Settings settings;
    const auto applied = apply_settings(settings, text, "ssh.toml");
    EXPECT_TRUE(applied) << applied.error().detail;
    return settings;
}

std::string refusal_of(std::string_view text) {
    Settings settings;
    const auto applied = apply_settings(settings, text, "ssh.toml");
    return applied ? "accepted" : applied.error().detail;
}

TEST(SshSettings, OfferAndForwardNothingMoreByDefault) {
    const Settings settings;
    EXPECT_TRUE(settings.additional_keys.empty());
    EXPECT_TRUE(settings.forward_keys.empty());
    EXPECT_FALSE(settings.confirm_all);
}

TEST(SshSettings, NameKeysInThreeWays) {
    const auto settings = settings_of("additional_keys = [\"Alice@Example.org\", \"" +
                                      std::string(fingerprint) + "\", \"" + std::string(64, 'A') + "\"]\n");
    const auto& keys = settings.additional_keys;
    EXPECT_TRUE(keys.has({.identifier = "b", .fingerprint = "c", .addresses = {"x@y", "alice@example.ORG"}}));
    EXPECT_TRUE(keys.has({.identifier = "b", .fingerprint = fingerprint, .addresses = {}}));
    EXPECT_TRUE(keys.has({.identifier = identifier, .fingerprint = "c", .addresses = {}}));
    EXPECT_FALSE(keys.has({.identifier = "b", .fingerprint = "c", .addresses = {"bob@example.org"}}));
}

TEST(SshSettings, AskForAllKeysOrForSome) {
    EXPECT_TRUE(settings_of("confirm = true").confirm_all);
    const auto some =
        settings_of("confirm = [\"alice@example.org\"]\n[forward]\nkeys = [\"bob@example.org\"]\n");
    EXPECT_FALSE(some.confirm_all);
    EXPECT_TRUE(
        some.confirm.has({.identifier = "b", .fingerprint = "c", .addresses = {"alice@example.org"}}));
    EXPECT_TRUE(
        some.forward_keys.has({.identifier = "b", .fingerprint = "c", .addresses = {"bob@example.org"}}));
}

TEST(SshSettings, ReplaceWhatAnEarlierFileSaid) {
    Settings settings = settings_of("confirm = true\nadditional_keys = [\"alice@example.org\"]\n");
    ASSERT_TRUE(apply_settings(settings, "confirm = false\n", "ssh.toml"));
    EXPECT_FALSE(settings.confirm_all);
    EXPECT_FALSE(settings.additional_keys.empty());
}

TEST(SshSettings, StayAsTheyWereWhenAFileIsWrong) {
    Settings settings;
    EXPECT_FALSE(apply_settings(settings, "confirm = true\nunknown = 1\n", "ssh.toml"));
    EXPECT_FALSE(settings.confirm_all);
}

TEST(SshSettings, RefuseWhatTheyDoNotKnowWithFileAndLine) {
    EXPECT_EQ(refusal_of("\nunknown = 1"), "ssh.toml:2: unknown key unknown");
    EXPECT_EQ(refusal_of("[forward]\nall = true"), "ssh.toml:2: unknown key forward.all");
    EXPECT_THAT(refusal_of("confirm = 1"), HasSubstr("ssh.toml:1: confirm must be true, false or a list"));
    EXPECT_THAT(refusal_of("forward = true"), HasSubstr("ssh.toml:1: write [forward] as a table"));
    EXPECT_THAT(refusal_of("additional_keys = \"a@b\""), HasSubstr("ssh.toml:1: must be a list"));
    EXPECT_THAT(refusal_of("confirm = ["), HasSubstr("ssh.toml:1: "));
}

TEST(SshSettings, RefuseWhatNamesNoKey) {
    for (const std::string name :
         {"alice", "SHA256:short", "MD5:00", "SHA256:RXm/ruZ0eTzRXKwi1AQEDynB0VgHQ2ac9KPSFdf_YnA"}) {
        EXPECT_THAT(refusal_of("confirm = [\"" + name + "\"]"), HasSubstr("\"" + name + "\" is no key"))
            << name;
    }
}

}  // namespace
}  // namespace signet::ssh
