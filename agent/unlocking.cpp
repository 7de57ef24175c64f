#include "agent/unlocking.h"

#include "base/log.h"
#include "ipc/codec.h"

#include <algorithm>
#include <utility>

namespace signet::agent {
namespace {

constexpr std::chrono::seconds cancel_memory{30};

Error cancelled_before() {
    return {.code = ErrorCode::cancelled,
            .operation = "unlock",
            .detail = "the PIN prompt was cancelled a moment ago; run signet unlock to be asked again"};
}

std::string token_name(const ipc::Token& token) {
    return token.label.empty() ? token.id : token.label;
}

std::string warning_of(ipc::PinState state) {
    switch (state) {
        case ipc::PinState::low:
            return "\n\nA wrong PIN was entered since the last right one.";
        case ipc::PinState::final_try:
            return "\n\nThis is the last try: a wrong PIN blocks the token.";
        default:
            return {};
    }
}

std::string unlock_description(const ipc::Token& token, const Requester& requester) {
    return "Enter the PIN of the token \"" + token_name(token) + "\".\n\nAsked for by " +
           requester.description() + "." + warning_of(token.pin);
}

std::string use_description(const ipc::Token& token, const std::string& purpose, const Requester& requester) {
    return "Enter the PIN of the token \"" + token_name(token) + "\" to " + purpose + ".\n\nAsked for by " +
           requester.description() + "." + warning_of(token.pin);
}

}  // namespace

Unlocking::Unlocking(ipc::EventLoop& loop, Prompts& prompts, Inventory& inventory,
                     std::chrono::seconds pin_cache)
    : m_loop(loop), m_prompts(prompts), m_inventory(inventory), m_pin_cache(pin_cache) {}

Unlocking::State& Unlocking::state_of(const std::string& token) {
    return m_states[token];
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
        return entry.second.logged_in || !entry.second.pin.empty() || !entry.second.waiters.empty();
    });
}

void Unlocking::ensure_unlocked(const FoundKey& found, const Requester& requester,
                                const ipc::CallPointer& call, Done done) {
    State& state = state_of(found.token->id);
    if (!found.token->login_required || state.logged_in) {
        done({});
        return;
    }
    if (found.token->pin == ipc::PinState::blocked) {
        done(failure(ErrorCode::pin_blocked, "unlock"));
        return;
    }
    const auto remembered = state.cancelled.find(requester.program);
    if (remembered != state.cancelled.end()) {
        if (Clock::now() - remembered->second < cancel_memory) {
            done(Failure(cancelled_before()));
            return;
        }
        state.cancelled.erase(remembered);
    }
    const bool on_the_way = !state.waiters.empty();
    join(found.token->id, call, std::move(done));
    if (!on_the_way) {
        begin(found, requester);
    }
}

void Unlocking::unlock(const FoundKey& found, const Requester& requester, const ipc::CallPointer& call,
                       Done done) {
    state_of(found.token->id).cancelled.clear();
    ensure_unlocked(found, requester, call, std::move(done));
}

void Unlocking::unlock_with(const FoundKey& found, const Secret& pin, Done done) {
    state_of(found.token->id).cancelled.clear();
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
    }
}

void Unlocking::begin(const FoundKey& found, const Requester& requester) {
    State& state = state_of(found.token->id);
    if (found.token->pin_pad) {
        login(found.token->id, nullptr,
              [this, token = found.token->id, requester](const Result<void>& result) {
                  finish(token, requester, result);
              });
        return;
    }
    // Not with a wrong PIN on record: that might be this one, and each try counts.
    if (!state.pin.empty() && !state.restored && found.token->pin == ipc::PinState::ok) {
        restore(found, requester);
        return;
    }
    forget_pin(state);
    prompt(found, requester);
}

// A restarted host gets the cached PIN once.
void Unlocking::restore(const FoundKey& found, const Requester& requester) {
    State& state = state_of(found.token->id);
    state.restored = true;
    const auto pin = std::make_shared<Secret>(state.pin.clone());
    login(found.token->id, pin.get(),
          [this, pin, token = found.token->id, requester](const Result<void>& result) {
              const auto again = m_inventory.find_token(token);
              if (result || !again || result.error().code != ErrorCode::pin_incorrect) {
                  finish(token, requester, result);
                  return;
              }
              prompt(*again, requester);
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
                                     finish(token, requester, result);
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
                       .answer = [this, token, kept, done = std::move(done),
                                  host = found->host](const Result<ipc::Reply>& reply) {
                           if (reply) {
                               logged_in(token, kept.get());
                               done({});
                               return;
                           }
                           forget_pin(state_of(token));
                           if (reply.error().code == ErrorCode::pin_blocked) {
                               m_inventory.changed(ipc::ChangeKind::pin_blocked, token);
                           }
                           done(Failure(reply.error()));
                           // The PIN's state has changed, and perhaps with it what the next prompt must say.
                           host->read_again();
                       }});
}

void Unlocking::logged_in(const std::string& token, const Secret* pin) {
    State& state = state_of(token);
    state.logged_in = true;
    state.last_use = Clock::now();
    if (pin != nullptr && m_pin_cache.count() > 0) {
        // The same PIN again is a restored login: it stays the one that was used once already.
        const bool same = equal_constant_time(state.pin.expose(), pin->expose());
        state.restored = same && state.restored;
        state.pin = pin->clone();
    }
    if (m_pin_cache.count() > 0) {
        start_expiry(token);
    }
    m_inventory.changed(ipc::ChangeKind::token_unlocked, token);
    // Private objects are visible now: the list of keys may become exact.
    if (const auto found = m_inventory.find_token(token)) {
        found->host->read_again();
    }
}

void Unlocking::finish(const std::string& token, const Requester& requester, const Result<void>& result) {
    State& state = state_of(token);
    state.prompt = 0;
    const auto waiters = std::exchange(state.waiters, {});
    const bool by_person = !waiters.empty() && !result && result.error().code == ErrorCode::cancelled;
    if (by_person) {
        state.cancelled[requester.program] = Clock::now();
    }
    for (const auto& waiter : waiters) {
        waiter.call->on_abandoned(nullptr);
        waiter.done(result);
    }
}

void Unlocking::ask_for_use(const FoundKey& found, const Requester& requester, const ipc::CallPointer& call,
                            const std::string& purpose, PinAttempt use, Done done) {
    if (found.token->pin == ipc::PinState::blocked) {
        done(failure(ErrorCode::pin_blocked, "use"));
        return;
    }
    const auto remembered = state_of(found.token->id).cancelled.find(requester.program);
    if (remembered != state_of(found.token->id).cancelled.end() &&
        Clock::now() - remembered->second < cancel_memory) {
        done(Failure(cancelled_before()));
        return;
    }
    const std::string token = found.token->id;
    const auto attempt = [this, token, use = std::move(use)](const Secret& pin, const Done& verdict) {
        if (is_logged_in(token)) {
            use(pin, verdict);
            return;
        }
        const auto again = std::make_shared<Secret>(pin.clone());
        login(token, &pin, [use, again, verdict](const Result<void>& result) {
            if (result) {
                use(*again, verdict);
            } else {
                verdict(result);
            }
        });
    };
    const auto id =
        m_prompts.ask({.environment = requester.environment,
                       .description = use_description(*found.token, purpose, requester),
                       .attempt = attempt,
                       .done = [this, token, program = requester.program, call,
                                done = std::move(done)](Result<void> result) {
                           call->on_abandoned(nullptr);
                           if (!result && result.error().code == ErrorCode::cancelled && !call->abandoned()) {
                               state_of(token).cancelled[program] = Clock::now();
                           }
                           done(std::move(result));
                       }});
    call->on_abandoned([this, id] { m_prompts.withdraw(id); });
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

void Unlocking::log_out(const std::string& token) {
    const auto found = m_inventory.find_token(token);
    if (!found) {
        return;
    }
    found->host->call({.method = "Logout",
                       .parameters = ipc::encode(ipc::LoginCall{.token = token, .pin = std::nullopt}),
                       .descriptors = {},
                       .deadline = read_deadline,
                       .answer = [token](const Result<ipc::Reply>& reply) {
                           if (!reply && reply.error().code != ErrorCode::token_removed) {
                               log::warning("token " + token + ": logout: " + reply.error().detail);
                           }
                       }});
}

void Unlocking::lock(const std::string& token) {
    State& state = state_of(token);
    forget_pin(state);
    state.expiry.reset();
    if (std::exchange(state.logged_in, false)) {
        log_out(token);
        m_inventory.changed(ipc::ChangeKind::token_locked, token);
    }
}

void Unlocking::lock_all() {
    for (const auto& entry : m_states) {
        lock(entry.first);
    }
}

void Unlocking::login_lost(const std::string& token) {
    state_of(token).logged_in = false;
}

// The prompt of a token that is gone has nothing left to unlock.
void Unlocking::token_removed(const std::string& token) {
    const auto found = m_states.find(token);
    if (found == m_states.end()) {
        return;
    }
    auto removed = std::move(found->second);
    m_states.erase(found);
    if (removed.prompt != 0) {
        m_prompts.withdraw(removed.prompt);
    }
    for (const auto& waiter : removed.waiters) {
        waiter.call->on_abandoned(nullptr);
        waiter.done(failure(ErrorCode::token_removed, "unlock", token));
    }
}

void Unlocking::host_ended(const TokenHost& host) {
    for (const auto& token : host.tokens()) {
        if (const auto found = m_states.find(token.id); found != m_states.end()) {
            found->second.logged_in = false;
        }
    }
}

}  // namespace signet::agent
