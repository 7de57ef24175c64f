#pragma once

#include "agent/hosts.h"
#include "agent/known_tokens.h"
#include "agent/slots.h"
#include "ipc/server.h"
#include "ipc/types.h"

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace signet::agent {

// A key that was asked for, and who drives it.
struct FoundKey {
    TokenHost* host = nullptr;
    const ipc::Token* token = nullptr;
    const ipc::Key* key = nullptr;
};

// The tokens of all hosts as one list with a generation number, and those who watch it.
class Inventory {
  public:
    struct Events {
        // With the host that drove it; null when that is gone too.
        std::function<void(const std::string& token, TokenHost* host)> token_removed;
        std::function<void(const TokenHost& host)> host_ended;
        std::function<bool(const std::string& token)> is_unlocked;
        std::function<void(const ipc::Change& change)> changed;
    };

    Inventory(ipc::EventLoop& loop, Slots slots, std::filesystem::path state_directory, Events events);

    // Ends all hosts and answers what waits for them.
    void stop();

    // Starts hosts for new modules, ends those of modules that are gone or changed, keeps the others; watches
    // the readers for cards, or stops to.
    void configure(const Config& config);

    // Has every host read that does not tell of changes by itself, then calls `done`. After the start the
    // readers are waited for.
    void refresh(std::function<void()> done);
    // The same of the host of this token alone where there is such a token.
    void refresh(const std::optional<std::string>& token, std::function<void()> done);
    // refresh() would hardly bring anything new: no host that was not read within the last second.
    [[nodiscard]] bool recently_read() const;

    // tokens is nothing when `known_generation` is the current one.
    [[nodiscard]] ipc::Inventory list(std::optional<std::int64_t> known_generation) const;

    [[nodiscard]] const std::vector<ipc::Token>& tokens() const { return m_tokens; }
    // Those that KnownTokens remembers and that are not here.
    [[nodiscard]] ipc::Inventory absent() const;

    // token_removed for a token that was here since the start, else token_not_found; key_not_found.
    [[nodiscard]] Result<FoundKey> find_key(const std::string& token, const std::string& key) const;
    // Without a token: the only one there is (token_not_found, or invalid_parameter when there are several).
    [[nodiscard]] Result<FoundKey> find_token(const std::optional<std::string>& id) const;

    // The first answer is sent here, the others as things change.
    void watch(const ipc::CallPointer& call);
    // Something of this token that hosts do not tell: unlocked, locked, blocked, waiting for a finger.
    void changed(ipc::ChangeKind kind, const std::string& token);
    [[nodiscard]] bool busy() const;

  private:
    void hosts_changed();
    [[nodiscard]] std::vector<ipc::Token> merge();
    void notify(const std::vector<ipc::Change>& changes);
    // Null when it is gone.
    [[nodiscard]] TokenHost* host_of(const std::string& token) const;
    void poll();
    [[nodiscard]] std::vector<ipc::ModuleFailure> failures() const;

    Slots m_slots;
    KnownTokens m_known;
    Events m_events;
    Hosts m_hosts;
    std::vector<ipc::Token> m_tokens;
    std::map<std::string, TokenHost*>
        m_drivers;  // by token; borrowed from m_hosts, and may be gone from there
    std::vector<ipc::ModuleFailure> m_failures;
    std::set<std::string> m_seen;  // every token that was here since the start
    std::int64_t m_generation;
    std::list<ipc::CallPointer> m_watchers;
    ipc::Timer m_poll_timer;  // runs only while somebody watches a module that has to be polled
};

}  // namespace signet::agent
