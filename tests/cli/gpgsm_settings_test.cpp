#include "cli/gpgsm/settings.h"

#include <gmock/gmock.h>

namespace signet::gpgsm {
namespace {

Result<Settings> parse(const std::string& text) {
    return parse_settings(text, "gpgsm.toml", "/home/alice/.config/signet");
}

TEST(GpgsmSettings, TrustNobodyByThemselves) {
    const auto settings = parse("");
    ASSERT_TRUE(settings);
    EXPECT_TRUE(settings->trusted.empty());
    EXPECT_FALSE(settings->system_authorities);
}

TEST(GpgsmSettings, FindFilesBesideThemselves) {
    const auto settings = parse("trusted = ['root.pem', '/etc/ssl/other.pem']\nintermediates = ['sub.pem']");
    ASSERT_TRUE(settings);
    EXPECT_THAT(settings->trusted,
                testing::ElementsAre("/home/alice/.config/signet/root.pem", "/etc/ssl/other.pem"));
    EXPECT_THAT(settings->intermediates, testing::ElementsAre("/home/alice/.config/signet/sub.pem"));
}

TEST(GpgsmSettings, NameAnAuthorityForTimestamps) {
    EXPECT_EQ(parse("")->timestamp, "");
    const auto settings =
        parse("timestamp = 'https://stamps.example.org/'\ntimestamp_authorities = ['stamps.pem']");
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->timestamp, "https://stamps.example.org/");
    EXPECT_THAT(settings->timestamp_authorities,
                testing::ElementsAre("/home/alice/.config/signet/stamps.pem"));
}

TEST(GpgsmSettings, AreRefusedWithFileAndLine) {
    for (const std::string text :
         {"unknown = 1", "trusted = 'root.pem'", "trusted = ['']", "trusted = [1]", "system_authorities = 1",
          "include_certificates = 0", "include_certificates = -3", "include_certificates = 17",
          "include_certificates = 1.5", "trusted = [", "timestamp = true", "timestamp = 'stamps.example.org'",
          "timestamp = 'ftp://stamps.example.org'", "timestamp_authorities = 'root.pem'"}) {
        const auto settings = parse(text);
        ASSERT_FALSE(settings) << text;
        EXPECT_EQ(settings.error().code, ErrorCode::configuration) << text;
        EXPECT_THAT(settings.error().detail, testing::StartsWith("gpgsm.toml:1: ")) << text;
    }
}

}  // namespace
}  // namespace signet::gpgsm
