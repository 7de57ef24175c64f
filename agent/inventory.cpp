#include "agent/inventory.h"

#include "base/log.h"
#include "ipc/codec.h"

#include <algorithm>
#include <utility>

namespace signet::agent {
namespace {

constexpr std::chrono::seconds poll_interval{1};

// A generation that a client knows from an earlier agent is none of this one's.
std::int64_t first_generation() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

const ipc::Token* find(const std::vector<ipc::Token>& tokens, const std::string& id) {
    const auto found =
        std::find_if(tokens.begin(), tokens.end(), [&id](const auto& t) { return t.id == id; });
    return found != tokens.end() ? &*found : nullptr;
}

std::vector<ipc::Change> differences(const std::vector<ipc::Token>& before,
                                     const std::vector<ipc::Token>& after) {
    std::vector<ipc::Change> changes;
    for (const auto& token : before) {
        if (find(after, token.id) == nullptr) {
            changes.push_back({.kind = ipc::ChangeKind::token_removed, .token = token.id});
        }
    }
    for (const auto& token : after) {
        const ipc::Token* old = find(before, token.id);
        if (old == nullptr) {
            changes.push_back({.kind = ipc::ChangeKind::token_inserted, .token = token.id});
        } else if (*old != token) {
            changes.push_back({.kind = ipc::ChangeKind::token_changed, .token = token.id});
        }
    }
    return changes;
}

}  // namespace

Inventory::Inventory(ipc::EventLoop& loop, Slots slots, std::filesystem::path state_directory, Events events)
    : m_loop(loop),
      m_slots(std::move(slots)),
      m_state_directory(std::move(state_directory)),
      m_events(std::move(events)),
      m_generation(first_generation()),
      m_poll_timer(loop) {}

void Inventory::stop() {
    for (const auto& host : m_hosts) {
        host->stop();
    }
}

void Inventory::configure(const std::vector<ModuleConfig>& modules) {
    auto old = std::exchange(m_hosts, {});
    for (const auto& module : modules) {
        const auto same = std::find_if(
            old.begin(), old.end(), [&module](const auto& host) { return host && host->config() == module; });
        if (same != old.end()) {
            m_hosts.push_back(std::move(*same));
            continue;
        }
        m_hosts.push_back(
            std::make_unique<TokenHost>(m_loop, module, m_state_directory,
                                        TokenHost::Events{.tokens_changed = [this] { hosts_changed(); },
                                                          .ended =
                                                              [this](const TokenHost& host) {
                                                                  m_events.host_ended(host);
                                                                  poll();
                                                              }}));
    }
    for (const auto& host : old) {
        if (host) {
            host->stop();
        }
    }
    hosts_changed();
    refresh([] {});
}

void Inventory::refresh(std::function<void()> done) {
    // Held by every host's reading; the last one to let go calls `done`.
    const std::shared_ptr<void> barrier(nullptr, [done = std::move(done)](void*) { done(); });
    for (const auto& host : m_hosts) {
        host->refresh([barrier] {});
    }
}

ipc::Inventory Inventory::list(std::optional<std::int64_t> known_generation) const {
    ipc::Inventory result{.generation = m_generation, .tokens = std::nullopt, .failures = {}};
    if (known_generation != m_generation) {
        result.tokens = m_tokens;
        for (auto& token : *result.tokens) {
            token.unlocked = m_events.is_unlocked(token.id);
        }
        result.failures = m_failures;
    }
    return result;
}

Result<FoundKey> Inventory::find_token(const std::optional<std::string>& id) const {
    const ipc::Token* token = nullptr;
    if (id) {
        token = find(m_tokens, *id);
    } else if (m_tokens.size() > 1) {
        return failure(ErrorCode::invalid_parameter, "token", "token");
    } else if (!m_tokens.empty()) {
        token = m_tokens.data();
    }
    if (token == nullptr) {
        return failure(id && m_seen.contains(*id) ? ErrorCode::token_removed : ErrorCode::token_not_found,
                       "token", id.value_or(""));
    }
    TokenHost* host = host_named(token->module);
    if (host == nullptr) {
        return failure(ErrorCode::token_removed, "token", token->id);
    }
    return FoundKey{.host = host, .token = token, .key = nullptr};
}

TokenHost* Inventory::host_named(const std::string& module) const {
    const auto host = std::find_if(m_hosts.begin(), m_hosts.end(), [&module](const auto& candidate) {
        return candidate && candidate->config().name == module;
    });
    return host != m_hosts.end() ? host->get() : nullptr;
}

Result<FoundKey> Inventory::find_key(const std::string& token, const std::string& key) const {
    SIGNET_TRY(FoundKey found, find_token(token));
    const auto match = std::find_if(found.token->keys.begin(), found.token->keys.end(),
                                    [&key](const auto& candidate) { return candidate.id == key; });
    if (match == found.token->keys.end()) {
        return failure(ErrorCode::key_not_found, "key", {});
    }
    found.key = &*match;
    return found;
}

void Inventory::watch(const ipc::CallPointer& call) {
    m_watchers.push_back(call);
    call->on_abandoned([this, watcher = call.get()] {
        m_watchers.remove_if([watcher](const auto& other) { return other.get() == watcher; });
    });
    call->reply_more(ipc::encode(ipc::WatchReply{.generation = m_generation, .change = std::nullopt}));
    poll();
}

// Goes on by itself for as long as it is needed.
void Inventory::poll() {
    if (m_poll_timer.active()) {
        return;
    }
    const bool needed = std::any_of(m_hosts.begin(), m_hosts.end(),
                                    [](const auto& host) { return !host->waits_for_events(); });
    if (m_watchers.empty() || !needed) {
        return;
    }
    m_poll_timer.start(poll_interval, [this] { refresh([this] { poll(); }); });
}

void Inventory::changed(ipc::ChangeKind kind, const std::string& token) {
    ++m_generation;
    notify({{.kind = kind, .token = token}});
}

bool Inventory::busy() const {
    return std::any_of(m_hosts.begin(), m_hosts.end(), [](const auto& host) { return host->busy(); });
}

// A token that two modules drive is taken from the first in the configuration.
std::vector<ipc::Token> Inventory::merge() {
    std::vector<ipc::Token> tokens;
    for (const auto& host : m_hosts) {
        if (!host) {
            continue;
        }
        for (const auto& token : host->tokens()) {
            if (const ipc::Token* other = find(tokens, token.id)) {
                log::info("token " + token.id + " of module " + token.module + " is driven by module " +
                          other->module);
                continue;
            }
            tokens.push_back(token);
        }
    }
    std::set<std::string> present;
    for (const auto& token : tokens) {
        present.insert(token.id);
    }
    for (auto& token : tokens) {
        auto slot = m_slots.slot_of(token.id, present);
        if (!slot) {
            log::error("remembering slots: " + slot.error().detail);
            continue;
        }
        token.slot = *slot;
    }
    m_seen.merge(present);
    return tokens;
}

void Inventory::hosts_changed() {
    auto tokens = merge();
    std::vector<ipc::ModuleFailure> failures;
    for (const auto& host : m_hosts) {
        if (host && host->failure_detail()) {
            failures.push_back({.module = host->config().name, .detail = *host->failure_detail()});
        }
    }
    const auto changes = differences(m_tokens, tokens);
    poll();
    if (changes.empty() && failures == m_failures) {
        return;
    }
    std::map<std::string, std::string> modules;
    for (const auto& token : m_tokens) {
        modules.emplace(token.id, token.module);
    }
    m_tokens = std::move(tokens);
    m_failures = std::move(failures);
    ++m_generation;
    for (const auto& change : changes) {
        if (change.kind == ipc::ChangeKind::token_removed) {
            m_events.token_removed(change.token, host_named(modules[change.token]));
        }
    }
    notify(changes);
}

void Inventory::notify(const std::vector<ipc::Change>& changes) {
    for (const auto& change : changes) {
        const std::string reply = ipc::encode(ipc::WatchReply{.generation = m_generation, .change = change});
        for (const auto& watcher : m_watchers) {
            watcher->reply_more(reply);
        }
    }
}

}  // namespace signet::agent
