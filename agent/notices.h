#pragma once

#include "agent/desktop.h"
#include "agent/inventory.h"
#include "agent/requester.h"

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace signet::agent {

// The certificates of keys on this token that end from `now` until before `soon` (RFC 3339, UTC), the first
// to end in front. One whose key has another that ends later has been renewed, and is none of them.
std::vector<const ipc::Certificate*> ending_certificates(const ipc::Token& token, std::string_view now,
                                                         std::string_view soon);

// What a person is told of on the desktop: a token that waits for a finger, a certificate that ends soon, a
// PIN that is blocked. Each certificate is told of once in an agent's life, each blocked PIN once until it is
// not.
class Notices {
  public:
    Notices(ipc::EventLoop& loop, Desktop& desktop, Inventory& inventory);

    // When the token has not answered this call within `patience`, it waits for a finger: watchers and the
    // person are told for whom it works. The answer takes the notification back.
    void expect_touch(HostCall& call, const std::string& token, const Requester& requester,
                      std::chrono::milliseconds patience);
    void changed(const ipc::Change& change);
    // Time has passed, or the settings are others.
    void look_at_tokens();

  private:
    [[nodiscard]] std::optional<Desktop::NotificationId> touch_needed(const std::string& token,
                                                                      const Requester& requester);
    void look_at(const ipc::Token& token);
    void look_at_certificates_of(const ipc::Token& token);
    void pin_blocked(const ipc::Token& token);

    Desktop& m_desktop;
    Inventory& m_inventory;
    ipc::Timer m_next_day;
    std::set<std::string> m_blocked;  // tokens
    std::set<std::string> m_ending;   // certificates
};

}  // namespace signet::agent
