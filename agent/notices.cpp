#include "agent/notices.h"

#include "agent/prompt_text.h"
#include "agent/requester.h"

#include <algorithm>
#include <ctime>
#include <memory>
#include <utility>

namespace signet::agent {
namespace {

constexpr std::chrono::hours day{24};
constexpr auto notice_before_the_end = 30 * day;
// Further ones are told of again, rather than remembered.
constexpr std::size_t most_remembered = 4096;

// RFC 3339, UTC: earlier times compare less.
std::string time_text(std::chrono::system_clock::time_point time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[sizeof("2026-12-01T00:00:00Z")];
    return {text, std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

bool renewed(const ipc::Token& token, const ipc::Certificate& certificate) {
    return std::any_of(token.certificates.begin(), token.certificates.end(),
                       [&certificate](const auto& other) {
                           return other.key == certificate.key && other.not_after > certificate.not_after;
                       });
}

std::string holder_of(const ipc::Certificate& certificate) {
    return certificate.emails.empty() ? certificate.subject : certificate.emails.front();
}

std::string identity(const ipc::Token& token, const ipc::Certificate& certificate) {
    return token.id + " " + certificate.key + " " + certificate.not_after;
}

// False when it is there already.
bool remember(std::set<std::string>& remembered, std::string what) {
    if (remembered.size() >= most_remembered) {
        remembered.clear();
    }
    return remembered.insert(std::move(what)).second;
}

}  // namespace

std::vector<const ipc::Certificate*> ending_certificates(const ipc::Token& token, std::string_view now,
                                                         std::string_view soon) {
    std::vector<const ipc::Certificate*> ending;
    for (const auto& certificate : token.certificates) {
        const bool in_time = certificate.not_after >= now && certificate.not_after < soon;
        if (in_time && !certificate.key.empty() && !renewed(token, certificate)) {
            ending.push_back(&certificate);
        }
    }
    std::stable_sort(ending.begin(), ending.end(),
                     [](const auto* a, const auto* b) { return a->not_after < b->not_after; });
    return ending;
}

Notices::Notices(ipc::EventLoop& loop, Desktop& desktop, Inventory& inventory)
    : m_desktop(desktop), m_inventory(inventory), m_next_day(loop) {}

void Notices::expect_touch(HostCall& call, const std::string& token, const Requester& requester,
                           std::chrono::milliseconds patience) {
    const auto shown = std::make_shared<std::optional<Desktop::NotificationId>>();
    call.patience = patience;
    call.waits = [this, shown, token, requester] { *shown = touch_needed(token, requester); };
    call.answer = [this, shown, answer = std::move(call.answer)](Result<ipc::Reply> reply) {
        if (*shown) {
            m_desktop.withdraw(**shown);
        }
        answer(std::move(reply));
    };
}

std::optional<Desktop::NotificationId> Notices::touch_needed(const std::string& token,
                                                             const Requester& requester) {
    m_inventory.changed(ipc::ChangeKind::touch_needed, token);
    const auto found = m_inventory.find_token(token);
    if (!found) {
        return std::nullopt;
    }
    return m_desktop.notify({.kind = ipc::NotificationKind::touch_needed,
                             .token = display_name(*found->token),
                             .program = requester.description(),
                             .purpose = requester.purpose});
}

void Notices::changed(const ipc::Change& change) {
    const auto found = m_inventory.find_token(change.token);
    if (!found) {
        return;
    }
    if (change.kind == ipc::ChangeKind::pin_blocked) {
        pin_blocked(*found->token);
    } else if (change.kind == ipc::ChangeKind::token_inserted ||
               change.kind == ipc::ChangeKind::token_changed) {
        look_at(*found->token);
    }
}

void Notices::look_at(const ipc::Token& token) {
    if (token.pin == ipc::PinState::blocked) {
        pin_blocked(token);
    } else {
        m_blocked.erase(token.id);
    }
    look_at_certificates_of(token);
    if (!m_next_day.active()) {
        m_next_day.start(day, [this] { look_at_tokens(); });
    }
}

void Notices::pin_blocked(const ipc::Token& token) {
    if (m_desktop.wants_notifications() && remember(m_blocked, token.id)) {
        m_desktop.notify({.kind = ipc::NotificationKind::pin_blocked, .token = display_name(token)});
    }
}

void Notices::look_at_tokens() {
    for (const auto& token : m_inventory.tokens()) {
        look_at(token);
    }
}

void Notices::look_at_certificates_of(const ipc::Token& token) {
    if (!m_desktop.wants_notifications()) {
        return;
    }
    const auto now = std::chrono::system_clock::now();
    auto ending = ending_certificates(token, time_text(now), time_text(now + notice_before_the_end));
    std::erase_if(ending, [this, &token](const auto* certificate) {
        return !remember(m_ending, identity(token, *certificate));
    });
    if (!ending.empty()) {
        m_desktop.notify({.kind = ipc::NotificationKind::certificate_ends,
                          .token = display_name(token),
                          .certificate = holder_of(*ending.front()),
                          .ends = ending.front()->not_after,
                          .certificates = static_cast<std::uint32_t>(ending.size())});
    }
}

}  // namespace signet::agent
