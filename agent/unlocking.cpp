#include "agent/unlocking.h"

#include "agent/prompt_text.h"
#include "base/log.h"
#include "ipc/codec.h"

#include <algorithm>
#include <utility>

namespace signet::agent {
namespace {

Failure nothing_to_unlock() {
    return failure(ErrorCode::not_allowed, "unlock",
                   "pin_cache is \"0\": each use of a key asks for the PIN");
}

// Held until the host has answered.
using Barrier = std::shared_ptr<void>;

void log_out(TokenHost& host, const std::string& token, const Barrier& barrier = nullptr) {
    host.call({.method = "Logout",
               .parameters = ipc::encode(ipc::LoginCall{.token = token, .pin = std::nullopt}),
               .descriptors = {},
               .deadline = read_deadline,
               .answer = [token, barrier](const Result<ipc::Reply>& reply) {
                   const bool gone = !reply && (reply.error().code == ErrorCode::token_removed ||
                                                reply.error().code == ErrorCode::token_not_found);
                   if (!reply && !gone) {
                       log::warning("token " + token + ": logout: " + reply.error().detail);
                   }
               }});
}

}  // namespace

Unlocking::Unlocking(ipc::EventLoop& loop, Prompts& prompts, Inventory& inventory,
                     std::chrono::seconds pin_cache)
    : m_loop(loop), m_prompts(prompts), m_inventory(inventory), m_pin_cache(pin_cache) {}

Unlocking::State& Unlocking::state_of(const std::string& token) {
    const auto [entry, is_new] = m_states.try_emplace(token);
    if (is_new) {
        entry->second.epoch = m_next_epoch++;
    }
    return entry->second;
}

bool Unlocking::is_unlocked(const std::string& token) const {
    const auto found = m_states.find(token);
    return found != m_states.end() && (found->second.logged_in || !found->second.pin.empty());
}

bool Unlocking::is_logged_in(const std::string& token) const {
    const auto found = m_states.find(token);
    return found != m_states.end() && found->second.logged_in;
}

bool Unlocking::anything_unlocked() const {
    return std::any_of(m_states.begin(), m_states.end(), [](const auto& entry) {
        return entry.second.logged_in || !entry.second.pin.empty() || entry.second.under_way;
    });
}

void Unlocking::ensure_unlocked(const FoundKey& found, const Requester& requester,
                                const ipc::CallPointer& call, Done done) {
    if (found.token->login_required) {
        log_in(found, requester, call, std::move(done));
    } else {
        done({});
    }
}

void Unlocking::log_in(const FoundKey& found, const Requester& requester, const ipc::CallPointer& call,
                       Done done) {
    State& state = state_of(found.token->id);
    if (state.logged_in) {
        done({});
        return;
    }
    if (state.cancelled.holds(requester.asker())) {
        done(Failure(CancelMemory::error()));
        return;
    }
    join(found.token->id, call, std::move(done));
    if (!std::exchange(state.under_way, true)) {
        read_and_log_in(found, requester);
    }
}

void Unlocking::unlock(const FoundKey& found, const Requester& requester, const ipc::CallPointer& call,
                       Done done) {
    if (m_pin_cache.count() == 0) {
        done(nothing_to_unlock());
        return;
    }
    state_of(found.token->id).cancelled.forget_all();
    ensure_unlocked(found, requester, call, std::move(done));
}

void Unlocking::unlock_with(const FoundKey& found, const Secret& pin, Done done) {
    if (m_pin_cache.count() == 0) {
        done(nothing_to_unlock());
        return;
    }
    log_in_with(found, pin, std::move(done));
}

void Unlocking::log_in_with(const FoundKey& found, const Secret& pin, Done done) {
    if (pin.empty() || found.token->pin_pad) {
        done(failure(ErrorCode::invalid_parameter, "unlock", "pin"));
        return;
    }
    state_of(found.token->id).cancelled.forget_all();
    if (found.token->pin == ipc::PinState::blocked) {
        done(failure(ErrorCode::pin_blocked, "unlock"));
        return;
    }
    login(found.token->id, &pin, std::move(done));
}

void Unlocking::join(const std::string& token, const ipc::CallPointer& call, Done done) {
    state_of(token).waiters.push_back({.call = call, .done = std::move(done)});
    call->on_abandoned([this, token, watched = call.get()] { leave(token, watched); });
}

void Unlocking::leave(const std::string& token, const ipc::PendingCall* call) {
    State& state = state_of(token);
    std::erase_if(state.waiters, [call](const Waiter& waiter) { return waiter.call.get() == call; });
    if (state.waiters.empty() && state.prompt != 0) {
        m_prompts.withdraw(std::exchange(state.prompt, 0));
        state.under_way = false;
    }
}

void Unlocking::read_and_log_in(const FoundKey& found, const Requester& requester) {
    found.host->read([this, token = found.token->id, requester] { log_in_or_prompt(token, requester); });
}

void Unlocking::log_in_or_prompt(const std::string& token, const Requester& requester) {
    State& state = state_of(token);
    const auto found = m_inventory.find_token(token);
    if (!found || state.waiters.empty()) {
        answer_waiters(token, requester, found ? Result<void>() : Failure(found.error()));
    } else if (found->token->pin == ipc::PinState::blocked) {
        answer_waiters(token, requester, failure(ErrorCode::pin_blocked, "unlock"));
    } else if (found->token->pin_pad) {
        login(token, nullptr, [this, token, requester](const Result<void>& result) {
            answer_waiters(token, requester, result);
        });
    } else if (!state.pin.empty() && !state.restored && found->token->pin == ipc::PinState::ok) {
        log_in_with_cached_pin(*found, requester);
    } else {
        forget_pin(state);
        prompt(*found, requester);
    }
}

// Once for each PIN that a person typed, to a host that was started after that; and not with a wrong PIN on
// record, since each try counts.
void Unlocking::log_in_with_cached_pin(const FoundKey& found, const Requester& requester) {
    const std::string token = found.token->id;
    State& state = state_of(token);
    state.restored = true;
    const auto pin = std::make_shared<Secret>(state.pin.clone());
    login(token, pin.get(), [this, pin, token, requester](const Result<void>& result) {
        const auto again = m_inventory.find_token(token);
        if (!result && result.error().code == ErrorCode::pin_incorrect && again) {
            read_and_log_in(*again, requester);
        } else {
            answer_waiters(token, requester, result);
        }
    });
}

void Unlocking::prompt(const FoundKey& found, const Requester& requester) {
    const std::string token = found.token->id;
    const auto id = std::make_shared<Prompts::Id>(0);
    *id = m_prompts.ask({.environment = requester.environment,
                         .description = unlock_description(*found.token, requester),
                         .attempt = [this, token](const Secret& pin,
                                                  Done verdict) { login(token, &pin, std::move(verdict)); },
                         .done =
                             [this, id, token, requester](const Result<void>& result) {
                                 // One that was withdrawn may end when the next is on the way already.
                                 if (state_of(token).prompt == *id) {
                                     answer_waiters(token, requester, result);
                                 }
                             }});
    state_of(token).prompt = *id;
}

void Unlocking::login(const std::string& token, const Secret* pin, Done done) {
    const auto found = m_inventory.find_token(token);
    if (!found) {
        done(Failure(found.error()));
        return;
    }
    ipc::LoginCall call{.token = token, .pin = std::nullopt};
    std::vector<FileDescriptor> descriptors;
    std::shared_ptr<Secret> kept;
    if (pin != nullptr) {
        auto pipe = pin->to_pipe();
        if (!pipe) {
            done(Failure(pipe.error()));
            return;
        }
        call.pin = 0;
        descriptors.push_back(std::move(*pipe));
        kept = std::make_shared<Secret>(pin->clone());
    }
    found->host->call({.method = "Login",
                       .parameters = ipc::encode(call),
                       .descriptors = std::move(descriptors),
                       .deadline = pin != nullptr ? key_use_deadline : pin_pad_deadline,
                       .answer = [this, token, epoch = state_of(token).epoch, kept, host = found->host,
                                  done = std::move(done)](const Result<ipc::Reply>& reply) {
                           login_answered(token, epoch, kept.get(), *host, reply, done);
                       }});
}

void Unlocking::login_answered(const std::string& token, std::uint64_t epoch, const Secret* pin,
                               TokenHost& host, const Result<ipc::Reply>& reply, const Done& done) {
    if (state_of(token).epoch != epoch) {
        if (reply) {
            log_out(host, token);
        }
        done(failure(ErrorCode::cancelled, "unlock", "the token was locked meanwhile"));
        return;
    }
    if (reply) {
        begin_unlocked(token, pin);
        done({});
        // Private objects are visible now: the list of keys may become exact.
        host.read([] {});
        return;
    }
    forget_pin(state_of(token));
    if (reply.error().code == ErrorCode::pin_blocked) {
        m_inventory.changed(ipc::ChangeKind::pin_blocked, token);
    }
    // Whoever asks next finds the tries that are left now.
    host.read([done, error = reply.error()] { done(Failure(error)); });
}

void Unlocking::begin_unlocked(const std::string& token, const Secret* pin) {
    State& state = state_of(token);
    state.logged_in = true;
    state.last_use = Clock::now();
    if (m_pin_cache.count() > 0) {
        if (pin != nullptr) {
            // The same PIN again is a restored login: it stays the one that was used once already.
            state.restored = state.restored && equal_constant_time(state.pin.expose(), pin->expose());
            state.pin = pin->clone();
        }
        start_expiry(token);
    }
    m_inventory.changed(ipc::ChangeKind::token_unlocked, token);
}

void Unlocking::answer_waiters(const std::string& token, const Requester& requester,
                               const Result<void>& result) {
    State& state = state_of(token);
    state.prompt = 0;
    state.under_way = false;
    const auto waiters = std::exchange(state.waiters, {});
    if (!result && is_cancelled_by_person(result.error())) {
        remember_cancel(token, requester.asker());
    }
    for (const auto& waiter : waiters) {
        waiter.call->on_abandoned(nullptr);
        waiter.done(result);
    }
}

// The same asker's further prompts go with the one that was cancelled.
void Unlocking::remember_cancel(const std::string& token, const std::string& asker) {
    State& state = state_of(token);
    state.cancelled.remember(asker);
    for (const auto& [id, asking] : state.uses) {
        if (asking == asker) {
            m_prompts.withdraw(id);
        }
    }
}

void Unlocking::ask_for_use(const FoundKey& found, const Requester& requester, const ipc::CallPointer& call,
                            const std::string& purpose, PinUse use, Done done) {
    const std::string token = found.token->id;
    State& state = state_of(token);
    if (found.token->pin == ipc::PinState::blocked) {
        done(failure(ErrorCode::pin_blocked, "use"));
        return;
    }
    if (state.cancelled.holds(requester.asker())) {
        done(Failure(CancelMemory::error()));
        return;
    }
    if (found.token->pin_pad) {
        try_use(token, nullptr, use, done);
        return;
    }
    const auto id = std::make_shared<Prompts::Id>(0);
    *id = m_prompts.ask(
        {.environment = requester.environment,
         .description = use_description(*found.token, *found.key, purpose, requester),
         .attempt = [this, token, use = std::move(use)](
                        const Secret& pin, const Done& verdict) { try_use(token, &pin, use, verdict); },
         .done =
             [this, id, token, asker = requester.asker(), call,
              done = std::move(done)](const Result<void>& result) {
                 call->on_abandoned(nullptr);
                 state_of(token).uses.erase(*id);
                 if (!result && is_cancelled_by_person(result.error())) {
                     remember_cancel(token, asker);
                 }
                 done(result);
             }});
    state.uses.emplace(*id, requester.asker());
    call->on_abandoned([this, id] { m_prompts.withdraw(*id); });
}

void Unlocking::try_use(const std::string& token, const Secret* pin, const PinUse& use, const Done& verdict) {
    if (is_logged_in(token)) {
        use(pin, verdict);
        return;
    }
    const auto kept = pin != nullptr ? std::make_shared<Secret>(pin->clone()) : nullptr;
    login(token, pin, [use, kept, verdict](const Result<void>& result) {
        if (result) {
            use(kept.get(), verdict);
        } else {
            verdict(result);
        }
    });
}

void Unlocking::used(const std::string& token) {
    State& state = state_of(token);
    state.last_use = Clock::now();
    if (m_pin_cache.count() == 0 && state.logged_in) {
        lock(token);
    }
}

void Unlocking::start_expiry(const std::string& token) {
    State& state = state_of(token);
    if (!state.expiry) {
        state.expiry = std::make_unique<ipc::Timer>(m_loop);
    }
    state.expiry->start(state.last_use + m_pin_cache - Clock::now(), [this, token] {
        if (Clock::now() >= state_of(token).last_use + m_pin_cache) {
            log::debug("token " + token + ": the PIN cache time is over");
            lock(token);
        } else {
            start_expiry(token);
        }
    });
}

void Unlocking::forget_pin(State& state) {
    state.pin = Secret();
    state.restored = false;
}

// What is left to do when the host is logged out already, or was never.
void Unlocking::end_unlocked(const std::string& token) {
    const bool was_unlocked = is_unlocked(token);
    State& state = state_of(token);
    state.logged_in = false;
    forget_pin(state);
    state.expiry.reset();
    if (was_unlocked) {
        m_inventory.changed(ipc::ChangeKind::token_locked, token);
    }
}

void Unlocking::lock(const std::string& token) {
    lock_until(token, nullptr);
}

void Unlocking::lock_until(const std::string& token, const std::shared_ptr<void>& barrier) {
    State& state = state_of(token);
    state.epoch = m_next_epoch++;
    const auto found = m_inventory.find_token(token);
    if (state.logged_in && found) {
        log_out(*found->host, token, barrier);
    }
    end_unlocked(token);
}

void Unlocking::lock_all(std::function<void()> logged_out) {
    const std::shared_ptr<void> barrier(nullptr,
                                        [logged_out = std::move(logged_out)](void*) { logged_out(); });
    // A host that turns out to be gone takes states with it.
    std::vector<std::string> tokens;
    for (const auto& entry : m_states) {
        tokens.push_back(entry.first);
    }
    for (const auto& token : tokens) {
        lock_until(token, barrier);
    }
}

void Unlocking::login_lost(const std::string& token) {
    end_unlocked(token);
}

// The prompts of a token that is gone have nothing left to unlock.
void Unlocking::token_removed(const std::string& token, TokenHost* host) {
    const auto found = m_states.find(token);
    if (found == m_states.end()) {
        return;
    }
    const State removed = std::move(found->second);
    m_states.erase(found);
    if (removed.logged_in && host != nullptr) {
        log_out(*host, token);
    }
    if (removed.prompt != 0) {
        m_prompts.withdraw(removed.prompt);
    }
    for (const auto& use : removed.uses) {
        m_prompts.withdraw(use.first);
    }
    for (const auto& waiter : removed.waiters) {
        waiter.call->on_abandoned(nullptr);
        waiter.done(failure(ErrorCode::token_removed, "unlock", token));
    }
}

void Unlocking::host_ended(const TokenHost& host) {
    for (auto& [token, state] : m_states) {
        const auto found = m_inventory.find_token(token);
        if (!found || found->host != &host || !state.logged_in) {
            continue;
        }
        if (state.pin.empty()) {
            end_unlocked(token);
        } else {
            state.logged_in = false;
        }
    }
}

}  // namespace signet::agent
