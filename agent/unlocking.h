#pragma once

#include "agent/cancel_memory.h"
#include "agent/inventory.h"
#include "agent/prompts.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace signet::agent {

// A use of a PIN-always key with a PIN that was typed, or without one for a token with a pin pad.
using PinUse = std::function<void(const Secret* pin, std::function<void(Result<void>)> verdict)>;

// Who is unlocked, with the cached PINs. Unlocked is one state per token: it begins with a login in the
// token's host and ends with the cache time, lock(), the token's removal or a refused PIN; then the host is
// logged out and the PIN wiped. Every decision about a PIN is taken on the token's state as read just before.
class Unlocking {
  public:
    using Done = std::function<void(Result<void>)>;

    Unlocking(ipc::EventLoop& loop, Prompts& prompts, Inventory& inventory, std::chrono::seconds pin_cache);

    // Sees to it that the token is logged in, prompting where it must. Requests for a token whose prompt is
    // on the way join it. `call` being abandoned takes the request back; with the last one goes the prompt.
    // What a person cancelled is remembered for that asker and token (CancelMemory).
    void ensure_unlocked(const FoundKey& found, const Requester& requester, const ipc::CallPointer& call,
                         Done done);

    // The same for a host that wants the PIN whatever its token was said to want.
    void log_in(const FoundKey& found, const Requester& requester, const ipc::CallPointer& call, Done done);

    // The same with a PIN that was handed over: tried once.
    void log_in_with(const FoundKey& found, const Secret& pin, Done done);

    // The person's own wish (signet unlock): forgets remembered cancels, then as above. not_allowed without a
    // PIN cache, where each use asks.
    void unlock(const FoundKey& found, const Requester& requester, const ipc::CallPointer& call, Done done);
    // The same with a PIN that was handed over.
    void unlock_with(const FoundKey& found, const Secret& pin, Done done);

    // One prompt for one use of a PIN-always key.
    void ask_for_use(const FoundKey& found, const Requester& requester, const ipc::CallPointer& call,
                     const std::string& purpose, PinUse use, Done done);

    // After a use of the key: renews the cache time, or ends it where each use asks.
    void used(const std::string& token);
    void lock(const std::string& token);
    // `logged_out` is called when the hosts have answered.
    void lock_all(std::function<void()> logged_out = [] {});

    // True also while the host that has the login has ended and the cached PIN may log the next one in.
    [[nodiscard]] bool is_unlocked(const std::string& token) const;
    [[nodiscard]] bool is_logged_in(const std::string& token) const;
    [[nodiscard]] bool anything_unlocked() const;

    // The host has answered that it is not logged in: somebody else has seen to that.
    void login_lost(const std::string& token);
    // `host` drives it, as far as it was there.
    void token_removed(const std::string& token, TokenHost* host);
    void host_ended(const TokenHost& host);
    void set_pin_cache(std::chrono::seconds pin_cache) { m_pin_cache = pin_cache; }

  private:
    using Clock = std::chrono::steady_clock;

    struct Waiter {
        ipc::CallPointer call;
        Done done;
    };
    struct State {
        bool logged_in = false;  // in the host that runs now
        Secret pin;              // cached; empty for pin pads
        bool restored = false;   // the cached PIN has gone to a restarted host once
        Clock::time_point last_use;
        std::unique_ptr<ipc::Timer> expiry;
        std::uint64_t epoch = 0;  // changes with lock(): an earlier login's answer unlocks nothing
        bool under_way = false;   // a reading, prompt or login for the waiters
        std::vector<Waiter> waiters;
        Prompts::Id prompt = 0;                   // that of the waiters
        std::map<Prompts::Id, std::string> uses;  // prompts for PIN-always keys, with the asker
        CancelMemory cancelled;
    };

    State& state_of(const std::string& token);
    void join(const std::string& token, const ipc::CallPointer& call, Done done);
    void leave(const std::string& token, const ipc::PendingCall* call);
    void read_and_log_in(const FoundKey& found, const Requester& requester);
    void log_in_or_prompt(const std::string& token, const Requester& requester);
    void log_in_with_cached_pin(const FoundKey& found, const Requester& requester);
    void prompt(const FoundKey& found, const Requester& requester);
    void login(const std::string& token, const Secret* pin, Done done);
    void login_answered(const std::string& token, std::uint64_t epoch, const Secret* pin, TokenHost& host,
                        const Result<ipc::Reply>& reply, const Done& done);
    void begin_unlocked(const std::string& token, const Secret* pin);
    void answer_waiters(const std::string& token, const Requester& requester, const Result<void>& result);
    void try_use(const std::string& token, const Secret* pin, const PinUse& use, const Done& verdict);
    void remember_cancel(const std::string& token, const std::string& asker);
    void forget_pin(State& state);
    void start_expiry(const std::string& token);
    void lock_until(const std::string& token, const std::shared_ptr<void>& barrier);
    void end_unlocked(const std::string& token);

    ipc::EventLoop& m_loop;
    Prompts& m_prompts;
    Inventory& m_inventory;
    std::chrono::seconds m_pin_cache;
    std::map<std::string, State> m_states;
    std::uint64_t m_next_epoch = 1;
};

}  // namespace signet::agent
