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

ipc::ModuleFailure failure_of(const TokenHost& host) {
    const std::string& detail = *host.failure_detail();
    return {.module = host.subject().module,
            .detail = host.subject().is_card ? with_title(host.subject(), detail) : detail};
}

}  // namespace

Inventory::Inventory(ipc::EventLoop& loop, Slots slots, std::filesystem::path state_directory, Events events)
    : m_slots(std::move(slots)),
      m_known(KnownTokens::load(state_directory / "known-tokens")),
      m_events(std::move(events)),
      m_hosts(loop, std::move(state_directory),
              {.changed = [this] { hosts_changed(); },
               .ended =
                   [this](const TokenHost& host) {
                       m_events.host_ended(host);
                       poll();
                   }}),
      m_generation(first_generation()),
      m_poll_timer(loop) {}

void Inventory::stop() {
    m_hosts.stop();
}

void Inventory::configure(const Config& config) {
    m_hosts.configure(config);
    refresh([] {});
}

void Inventory::refresh(std::function<void()> done) {
    // Held by every host's reading; the last one to let go calls `done`.
    const std::shared_ptr<void> barrier(nullptr, [done = std::move(done)](void*) { done(); });
    const bool settled = m_hosts.settled();
    for (const auto& host : m_hosts.all()) {
        host->refresh([barrier] {});
    }
    if (settled) {
        return;
    }
    m_hosts.when_settled([this, barrier] {
        for (const auto& host : m_hosts.all()) {
            if (host->subject().is_card) {
                host->refresh([barrier] {});
            }
        }
    });
}

void Inventory::refresh(const std::optional<std::string>& token, std::function<void()> done) {
    TokenHost* host = token ? host_of(*token) : nullptr;
    if (host != nullptr) {
        host->refresh(std::move(done));
    } else {
        refresh(std::move(done));
    }
}

bool Inventory::recently_read() const {
    const auto& hosts = m_hosts.all();
    return m_hosts.settled() &&
           std::all_of(hosts.begin(), hosts.end(), [](const auto& host) { return host->recently_read(); });
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

ipc::Inventory Inventory::absent() const {
    std::set<std::string> present;
    for (const auto& token : m_tokens) {
        present.insert(token.id);
    }
    return {.generation = m_generation, .tokens = m_known.except(present), .failures = {}};
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
    TokenHost* host = host_of(token->id);
    if (host == nullptr) {
        return failure(ErrorCode::token_removed, "token", token->id);
    }
    return FoundKey{.host = host, .token = token, .key = nullptr};
}

TokenHost* Inventory::host_of(const std::string& token) const {
    const auto driver = m_drivers.find(token);
    return driver != m_drivers.end() && m_hosts.has(driver->second) ? driver->second : nullptr;
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
    const auto& hosts = m_hosts.all();
    const bool needed =
        std::any_of(hosts.begin(), hosts.end(), [](const auto& host) { return !host->waits_for_events(); });
    if (m_watchers.empty() || !needed) {
        return;
    }
    m_poll_timer.start(poll_interval, [this] { refresh([this] { poll(); }); });
}

void Inventory::changed(ipc::ChangeKind kind, const std::string& token) {
    if (kind != ipc::ChangeKind::touch_needed) {
        ++m_generation;
    }
    notify({{.kind = kind, .token = token}});
}

bool Inventory::busy() const {
    const auto& hosts = m_hosts.all();
    return std::any_of(hosts.begin(), hosts.end(), [](const auto& host) { return host->busy(); });
}

// A token that two hosts drive is taken from the first: cards come before modules, and those as they are
// configured.
std::vector<ipc::Token> Inventory::merge() {
    std::vector<ipc::Token> tokens;
    m_drivers.clear();
    for (const auto& host : m_hosts.all()) {
        for (const auto& token : host->tokens()) {
            if (const ipc::Token* other = find(tokens, token.id)) {
                log::info("token " + token.id + " of " + host->subject().title + " is driven by " +
                          m_drivers.at(other->id)->subject().title);
                continue;
            }
            tokens.push_back(token);
            m_drivers.emplace(token.id, host.get());
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
    const auto old_drivers = m_drivers;
    auto tokens = merge();
    auto failures = this->failures();
    const auto changes = differences(m_tokens, tokens);
    poll();
    std::vector<std::string> let_go;  // by the host that drove it, whoever drives it now
    for (const auto& [token, driver] : old_drivers) {
        if (const auto now = m_drivers.find(token); now == m_drivers.end() || now->second != driver) {
            let_go.push_back(token);
        }
    }
    if (changes.empty() && let_go.empty() && failures == m_failures) {
        return;
    }
    m_tokens = std::move(tokens);
    m_known.remember(m_tokens);
    m_failures = std::move(failures);
    ++m_generation;
    for (const auto& token : let_go) {
        TokenHost* driver = old_drivers.at(token);
        m_events.token_removed(token, m_hosts.has(driver) ? driver : nullptr);
    }
    notify(changes);
}

// Where pcscd was never there, nobody has a reader, and nothing is missing.
std::vector<ipc::ModuleFailure> Inventory::failures() const {
    std::vector<ipc::ModuleFailure> failures;
    const ReaderWatch& readers = m_hosts.reader_watch();
    if (readers.failure_detail() && readers.has_worked()) {
        failures.push_back({.module = std::string(piv_module),
                            .detail = "pcscd cannot be reached: " + *readers.failure_detail()});
    }
    for (const auto& host : m_hosts.all()) {
        if (host->failure_detail()) {
            failures.push_back(failure_of(*host));
        }
    }
    return failures;
}

void Inventory::notify(const std::vector<ipc::Change>& changes) {
    for (const auto& change : changes) {
        const std::string reply = ipc::encode(ipc::WatchReply{.generation = m_generation, .change = change});
        for (const auto& watcher : m_watchers) {
            watcher->reply_more(reply);
        }
        m_events.changed(change);
    }
}

}  // namespace signet::agent
