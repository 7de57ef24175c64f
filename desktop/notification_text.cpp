#include "desktop/notification_text.h"

#include "base/bytes.h"

#include <string_view>

namespace signet::desktop {
namespace {

// In octets.
constexpr std::size_t longest_name = 80;

std::string shortened(std::string_view text) {
    if (text.size() <= longest_name) {
        return std::string(text);
    }
    std::size_t end = longest_name;
    const auto continues_character = [](char octet) {
        return (static_cast<unsigned char>(octet) & 0xc0U) == 0x80U;
    };
    while (end > 0 && continues_character(text[end])) {
        --end;
    }
    return std::string(text.substr(0, end)) + "…";
}

std::string escaped(std::string_view text) {
    std::string result;
    for (const char octet : text) {
        switch (octet) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            default:
                result += octet;
        }
    }
    return result;
}

std::string name(std::string_view text) {
    return escaped(shortened(printable_utf8(text)));
}

std::string day_of(const std::string& time) {
    return time.substr(0, std::string_view("2026-12-01").size());
}

NotificationText touch_text(const ipc::Notification& notification) {
    const std::string purpose = notification.purpose.empty() ? "" : ", " + name(notification.purpose);
    const std::string reason =
        notification.program.empty() ? "" : " Asked for by " + name(notification.program) + purpose + ".";
    return {.summary = "Touch your token",
            .body = name(notification.token) + " waits for your finger." + reason};
}

NotificationText ending_text(const ipc::Notification& notification) {
    const std::string which = "of " + name(notification.certificate) + " on " + name(notification.token);
    const std::string day = name(day_of(notification.ends));
    if (notification.certificates > 1) {
        const std::string count = std::to_string(notification.certificates);
        return {.summary = count + " certificates end soon",
                .body = "The first, " + which + ", ends on " + day + ". Ask for new ones in time."};
    }
    return {.summary = "A certificate ends soon",
            .body = "The certificate " + which + " ends on " + day + ". Ask for a new one in time."};
}

NotificationText blocked_text(const ipc::Notification& notification) {
    return {.summary = "A PIN is blocked",
            .body = "The PIN of " + name(notification.token) +
                    " was wrong too often. It can be set anew with “signet token unblock”."};
}

}  // namespace

NotificationText notification_text(const ipc::Notification& notification) {
    switch (notification.kind) {
        case ipc::NotificationKind::touch_needed:
            return touch_text(notification);
        case ipc::NotificationKind::certificate_ends:
            return ending_text(notification);
        case ipc::NotificationKind::pin_blocked:
            break;
    }
    return blocked_text(notification);
}

}  // namespace signet::desktop
