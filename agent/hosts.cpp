#include "agent/hosts.h"

#include <algorithm>
#include <utility>

namespace signet::agent {
namespace {

Error reason_to_stop(const HostSubject& subject) {
    if (subject.is_card) {
        return {.code = ErrorCode::token_removed,
                .operation = "host",
                .detail = subject.title + " has been taken out"};
    }
    return {.code = ErrorCode::driver_failed,
            .operation = "host",
            .detail = subject.title + " is no longer configured"};
}

}  // namespace

Hosts::Hosts(ipc::EventLoop& loop, std::filesystem::path state_directory, Events events)
    : m_loop(loop),
      m_state_directory(std::move(state_directory)),
      m_events(std::move(events)),
      m_reader_watch(loop, [this] { readers_changed(); }) {}

void Hosts::configure(const Config& config) {
    m_modules.clear();
    for (const auto& module : config.modules) {
        m_modules.push_back(module_subject(module, m_state_directory));
    }
    if (m_piv != config.piv) {
        m_piv = config.piv;
        // A new watch reports the cards again.
        m_reader_watch.stop();
        m_cards.clear();
    }
    set_subjects();
    if (m_piv.enabled) {
        m_reader_watch.start();
    }
    answer_waiters();
}

void Hosts::stop() {
    m_reader_watch.stop();
    answer_waiters();
    for (const auto& host : m_hosts) {
        host->stop({.code = ErrorCode::driver_failed, .operation = "host", .detail = "the agent ends"});
    }
}

bool Hosts::has(const TokenHost* host) const {
    return std::any_of(m_hosts.begin(), m_hosts.end(),
                       [host](const auto& other) { return other.get() == host; });
}

void Hosts::when_settled(std::function<void()> done) {
    if (settled()) {
        done();
    } else {
        m_waiters.push_back(std::move(done));
    }
}

void Hosts::answer_waiters() {
    if (!settled()) {
        return;
    }
    for (const auto& done : std::exchange(m_waiters, {})) {
        done();
    }
}

void Hosts::readers_changed() {
    m_cards.clear();
    for (const auto& reader : m_reader_watch.cards()) {
        m_cards.push_back(card_subject(reader, m_piv, m_state_directory));
    }
    set_subjects();
    answer_waiters();
}

void Hosts::set_subjects() {
    auto subjects = m_cards;
    subjects.insert(subjects.end(), m_modules.begin(), m_modules.end());
    auto old = std::exchange(m_hosts, {});
    std::vector<TokenHost*> added;
    for (auto& subject : subjects) {
        const auto same = std::find_if(old.begin(), old.end(), [&subject](const auto& host) {
            return host && host->subject() == subject;
        });
        if (same != old.end()) {
            m_hosts.push_back(std::move(*same));
            continue;
        }
        m_hosts.push_back(std::make_unique<TokenHost>(
            m_loop, std::move(subject),
            TokenHost::Events{.tokens_changed = [this] { m_events.changed(); }, .ended = m_events.ended}));
        added.push_back(m_hosts.back().get());
    }
    std::erase(old, nullptr);
    // Nobody finds the old ones any more when they answer their callers.
    m_events.changed();
    for (const auto& host : old) {
        host->stop(reason_to_stop(host->subject()));
    }
    for (TokenHost* host : added) {
        host->refresh([] {});
    }
}

}  // namespace signet::agent
