#pragma once

#include "ipc/message.h"

#include <cstdint>
#include <string>
#include <string_view>

// The types of org.signet.desktop, and their way to and from messages; ipc/codec.h says how.
namespace signet::ipc {

inline constexpr std::string_view desktop_interface = "org.signet.desktop";

enum class DesktopEvent : std::uint8_t { watching, screen_locked, going_to_sleep, awake };
enum class NotificationKind : std::uint8_t { touch_needed, certificate_ends, pin_blocked };

struct Notification {
    NotificationKind kind{};
    std::string token;
    std::string program{};
    std::string purpose{};
    std::string certificate{};
    std::string ends{};
    std::uint32_t certificates = 0;

    bool operator==(const Notification&) const = default;
};

struct NotifyCall {
    std::uint32_t id = 0;
    Notification notification;

    bool operator==(const NotifyCall&) const = default;
};

std::string encode(DesktopEvent event);
std::string encode(const NotifyCall& call);
std::string encode_withdraw_call(std::uint32_t id);

Result<DesktopEvent> decode_desktop_event(const Parameters& parameters);
Result<NotifyCall> decode_notify_call(const Parameters& parameters);
Result<std::uint32_t> decode_withdraw_call(const Parameters& parameters);

}  // namespace signet::ipc
