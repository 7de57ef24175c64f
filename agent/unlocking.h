#pragma once

#include "agent/inventory.h"
#include "agent/prompts.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace signet::agent {

// Who is unlocked, with the cached PINs. Unlocked is one state per token: it begins with a login in the
// token's host and ends with the cache time, lock(), the token's removal or a refused PIN; then the host is
// logged out and the PIN wiped.
class Unlocking {
  public:
    using Done = std::function<void(Result<void>)>;

    Unlocking(ipc::EventLoop& loop, Prompts& prompts, Inventory& inventory, std::chrono::seconds pin_cache);

    // Sees to it that the token is logged in, prompting where it must. Requests for a token whose prompt is
    // on the way join it. `call` being abandoned takes the request back; with the last one goes the prompt. A
    // person's cancel is remembered for 30 s for that program and token, and answered without a prompt.
    void ensure_unlocked(const FoundKey& found, const Requester& requester, const ipc::CallPointer& call,
                         Done done);

    // The person's own wish (signet unlock): forgets remembered cancels, then as above.
    void unlock(const FoundKey& found, const Requester& requester, const ipc::CallPointer& call, Done done);
    // With a PIN that was handed over: tried once.
    void unlock_with(const FoundKey& found, const Secret& pin, Done done);

    // One prompt for one use of a PIN-always key. `use` is called with each PIN that is typed.
    void ask_for_use(const FoundKey& found, const Requester& requester, const ipc::CallPointer& call,
                     const std::string& purpose, PinAttempt use, Done done);

    // After a use of the key: renews the cache time, or ends it where each use asks.
    void used(const std::string& token);
    void lock(const std::string& token);
    void lock_all();

    [[nodiscard]] bool is_unlocked(const std::string& token) const;
    // As is_unlocked(), and the host that runs now is logged in already.
    [[nodiscard]] bool is_logged_in(const std::string& token) const;
    [[nodiscard]] bool anything_unlocked() const;

    // The host has answered that it is not logged in after all.
    void login_lost(const std::string& token);
    void token_removed(const std::string& token);
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
        std::vector<Waiter> waiters;  // of the prompt or login on the way
        Prompts::Id prompt = 0;
        std::map<std::string, Clock::time_point> cancelled;  // by program
    };

    State& state_of(const std::string& token);
    void join(const std::string& token, const ipc::CallPointer& call, Done done);
    void leave(const std::string& token, const ipc::PendingCall* call);
    void begin(const FoundKey& found, const Requester& requester);
    void restore(const FoundKey& found, const Requester& requester);
    void prompt(const FoundKey& found, const Requester& requester);
    void login(const std::string& token, const Secret* pin, Done done);
    void logged_in(const std::string& token, const Secret* pin);
    void finish(const std::string& token, const Requester& requester, const Result<void>& result);
    void forget_pin(State& state);
    void start_expiry(const std::string& token);
    void log_out(const std::string& token);

    ipc::EventLoop& m_loop;
    Prompts& m_prompts;
    Inventory& m_inventory;
    std::chrono::seconds m_pin_cache;
    std::map<std::string, State> m_states;
};

}  // namespace signet::agent
