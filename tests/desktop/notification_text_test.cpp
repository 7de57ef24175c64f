#include "desktop/notification_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace signet::desktop {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(NotificationText, SaysWhichTokenWaitsAndForWhom) {
    const auto text = notification_text(
        {.kind = ipc::NotificationKind::touch_needed, .token = "Alice's card", .program = "neomutt (pid 7)"});
    EXPECT_EQ(text.summary, "Touch your token");
    EXPECT_EQ(text.body, "Alice's card waits for your finger. Asked for by neomutt (pid 7).");
}

TEST(NotificationText, SaysWhatTheFingerIsFor) {
    const auto text = notification_text({.kind = ipc::NotificationKind::touch_needed,
                                         .token = "card",
                                         .program = "ssh (pid 7) through signet-ssh-agent (pid 8)",
                                         .purpose = "for another machine, to log in as \"alice\""});
    EXPECT_THAT(text.body, HasSubstr("Asked for by ssh (pid 7) through signet-ssh-agent (pid 8), for another "
                                     "machine, to log in as \"alice\"."));
}

TEST(NotificationText, SaysWhichCertificateEndsWhen) {
    ipc::Notification notification{.kind = ipc::NotificationKind::certificate_ends,
                                   .token = "card",
                                   .certificate = "alice@example.org",
                                   .ends = "2026-12-01T08:30:00Z",
                                   .certificates = 1};
    EXPECT_EQ(notification_text(notification).body,
              "The certificate of alice@example.org on card ends on 2026-12-01. Ask for a new one in time.");
    notification.certificates = 3;
    const auto several = notification_text(notification);
    EXPECT_EQ(several.summary, "3 certificates end soon");
    EXPECT_THAT(several.body, HasSubstr("The first, of alice@example.org on card, ends on 2026-12-01."));
}

TEST(NotificationText, SaysHowABlockedPinIsSetAnew) {
    const auto text = notification_text({.kind = ipc::NotificationKind::pin_blocked, .token = "card"});
    EXPECT_EQ(text.summary, "A PIN is blocked");
    EXPECT_THAT(text.body, HasSubstr("signet token unblock"));
}

TEST(NotificationText, TakesNoMarkupFromATokenName) {
    const auto text = notification_text(
        {.kind = ipc::NotificationKind::touch_needed, .token = "<a href='x'>&click</a>\x1b[31m"});
    EXPECT_THAT(text.body, HasSubstr("&lt;a href='x'&gt;&amp;click&lt;/a&gt;"));
    EXPECT_THAT(text.body, Not(HasSubstr("\x1b")));
}

TEST(NotificationText, ShortensALongNameBetweenCharacters) {
    std::string label = "x";
    for (int i = 0; i < 100; ++i) {
        label += "é";
    }
    const auto text = notification_text({.kind = ipc::NotificationKind::pin_blocked, .token = label});
    EXPECT_LT(text.body.size(), 250U);
    EXPECT_THAT(text.body, HasSubstr("éé…"));
}

}  // namespace
}  // namespace signet::desktop
