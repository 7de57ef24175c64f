#pragma once

#include "ipc/desktop.h"

#include <string>

namespace signet::desktop {

struct NotificationText {
    std::string summary;
    std::string body;  // with the markup of the Desktop Notifications Specification
};

// What a person reads. Tokens and certificates come from strangers: what they name themselves is shortened,
// made printable, and never markup.
NotificationText notification_text(const ipc::Notification& notification);

}  // namespace signet::desktop
