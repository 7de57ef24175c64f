#include "agent/key_use.h"

#include "agent/host_error.h"
#include "agent/passed_secret.h"
#include "agent/prompt_text.h"
#include "ipc/codec.h"

#include <utility>

namespace signet::agent {
namespace {

// A card that takes longer waits for a finger, where the key wants one.
constexpr std::chrono::milliseconds card_answers_within{700};

constexpr std::string_view sign_method = "Sign";

bool may_wait_for_touch(const FoundKey& found) {
    return found.key->touch || found.host->subject().is_card;
}

std::chrono::seconds deadline_of_use(const FoundKey& found) {
    if (found.token->pin_pad && found.key->always_authenticate) {
        return pin_pad_deadline;
    }
    return may_wait_for_touch(found) ? touch_deadline : key_use_deadline;
}

}  // namespace

// One Sign, Decrypt or Derive on its way.
struct KeyOperation {
    ipc::CallPointer call;
    std::string token;
    std::string key;
    std::string_view method;  // of org.signet.token
    std::string_view answer_field;
    std::string purpose;  // "sign", "decrypt": for the prompt
    std::optional<Environment> environment;
    ipc::Asking asking;
    std::optional<std::uint32_t> passed_pin;  // the descriptor's index, until it is read
    Secret pin;                               // from there
    bool confirmed = false;
    // The parameters for the host, with or without a passed PIN.
    std::function<std::string(bool with_pin)> encode;
    bool repeated = false;
    bool looked_again = false;

    [[nodiscard]] Requester requester() const { return make_requester(call->peer(), environment, asking); }
};

template <class Decoded>
void KeyUse::begin(const ipc::CallPointer& call, Result<Decoded> decoded, std::string_view method,
                   std::string_view answer_field, const std::string& purpose, const ipc::Asking& asking) {
    if (decoded && decoded->use.pin && method != sign_method) {
        decoded = failure(ErrorCode::invalid_parameter, "call", "pin");
    }
    if (!decoded) {
        call->fail(decoded.error());
        return;
    }
    auto operation = std::make_shared<KeyOperation>();
    operation->call = call;
    operation->token = decoded->use.token;
    operation->key = decoded->use.key;
    operation->method = method;
    operation->answer_field = answer_field;
    operation->purpose = purpose;
    operation->environment = std::exchange(decoded->use.environment, std::nullopt);
    operation->asking = asking;
    operation->passed_pin = decoded->use.pin;
    operation->encode = [parameters = std::move(*decoded)](bool with_pin) mutable {
        parameters.use.pin = with_pin ? std::optional<std::uint32_t>(0) : std::nullopt;
        return ipc::encode(parameters);
    };
    run(operation);
}

void KeyUse::sign(const ipc::CallPointer& call) {
    auto decoded = ipc::decode_sign_call(call->call().parameters);
    const auto asking = decoded ? std::exchange(decoded->asking, {}) : ipc::Asking();
    begin(call, std::move(decoded), sign_method, "signature", "sign", asking);
}

void KeyUse::decrypt(const ipc::CallPointer& call) {
    begin(call, ipc::decode_decrypt_call(call->call().parameters), "Decrypt", "plaintext", "decrypt");
}

void KeyUse::derive(const ipc::CallPointer& call) {
    begin(call, ipc::decode_derive_call(call->call().parameters), "Derive", "secret", "decrypt");
}

void KeyUse::run(const OperationPointer& operation) {
    const auto found = m_inventory.find_key(operation->token, operation->key);
    // A client that outlived an agent may know keys that this one has not read yet.
    if (!found && !std::exchange(operation->looked_again, true)) {
        m_inventory.refresh(operation->token, [this, operation] { run(operation); });
        return;
    }
    if (!found) {
        operation->call->fail(found.error());
        return;
    }
    const bool would_ask = needs_pin(*found) && !operation->passed_pin && operation->pin.empty();
    if (would_ask && operation->asking.no_pin_prompt) {
        operation->call->fail({.code = ErrorCode::pin_required, .operation = "Sign", .detail = {}});
    } else if (operation->asking.confirm && !operation->confirmed) {
        confirm(operation, *found);
    } else {
        run_allowed(operation, *found);
    }
}

bool KeyUse::needs_pin(const FoundKey& found) const {
    return found.key->always_authenticate ||
           (found.key->login_required && !m_unlocking.is_logged_in(found.token->id));
}

void KeyUse::confirm(const OperationPointer& operation, const FoundKey& found) {
    const Requester requester = operation->requester();
    m_consents.ask(
        {.use = requester.description() + " " + operation->key,
         .environment = requester.environment,
         .description = confirmation_description(*found.token, *found.key, operation->purpose, requester),
         .yields = operation->asking.no_pin_prompt},
        operation->call, [this, operation](const Result<void>& consent) {
            if (!consent) {
                operation->call->fail(consent.error());
                return;
            }
            operation->confirmed = true;
            run(operation);
        });
}

void KeyUse::run_allowed(const OperationPointer& operation, const FoundKey& found) {
    if ((operation->passed_pin || !operation->pin.empty()) && needs_pin(found)) {
        run_with_passed_pin(operation, found);
        return;
    }
    if (found.key->always_authenticate) {
        run_with_prompt(operation, found);
        return;
    }
    const auto finish = [operation](const Result<void>& result) {
        if (!result) {
            operation->call->fail(result.error());
        }
    };
    if (!found.key->login_required || m_unlocking.is_logged_in(operation->token)) {
        send(operation, found, nullptr, finish);
        return;
    }
    m_unlocking.ensure_unlocked(found, operation->requester(), operation->call,
                                [this, operation, finish](const Result<void>& result) {
                                    const auto again = m_inventory.find_key(operation->token, operation->key);
                                    if (!result || !again) {
                                        finish(result ? Result<void>(Failure(again.error())) : result);
                                        return;
                                    }
                                    send(operation, *again, nullptr, finish);
                                });
}

void KeyUse::run_with_prompt(const OperationPointer& operation, const FoundKey& found) {
    m_unlocking.ask_for_use(
        found, operation->requester(), operation->call, operation->purpose,
        [this, operation](const Secret* pin, std::function<void(Result<void>)> verdict) {
            const auto again = m_inventory.find_key(operation->token, operation->key);
            if (!again) {
                verdict(Failure(again.error()));
                return;
            }
            send(operation, *again, pin, std::move(verdict));
        },
        [operation](const Result<void>& result) {
            if (!result) {
                operation->call->fail(result.error());
            }
        });
}

// It unlocks nothing that was locked before.
void KeyUse::run_with_passed_pin(const OperationPointer& operation, const FoundKey& found) {
    if (const auto index = std::exchange(operation->passed_pin, std::nullopt)) {
        auto pin = read_passed_secret(*operation->call, *index, "pin");
        if (!pin) {
            operation->call->fail(pin.error());
            return;
        }
        pin->strip_line_end();
        if (pin->empty()) {
            operation->call->fail(
                {.code = ErrorCode::invalid_parameter, .operation = "call", .detail = "pin"});
            return;
        }
        operation->pin = std::move(*pin);
    }
    const auto finish = [this, operation, was_unlocked = m_unlocking.is_unlocked(operation->token)](
                            const Result<void>& result) {
        if (!was_unlocked) {
            m_unlocking.lock(operation->token);
        }
        if (!result) {
            operation->call->fail(result.error());
        }
    };
    const auto logged_in = [this, operation, finish](const Result<void>& result) {
        const auto again = m_inventory.find_key(operation->token, operation->key);
        if (!result || !again) {
            finish(result ? Result<void>(Failure(again.error())) : result);
            return;
        }
        send(operation, *again, again->key->always_authenticate ? &operation->pin : nullptr, finish);
    };
    if (m_unlocking.is_logged_in(operation->token)) {
        logged_in({});
    } else {
        m_unlocking.log_in_with(found, operation->pin, logged_in);
    }
}

// The host wants a PIN where none was expected: either the key turns out to be a PIN-always one, which a
// token may tell only after login, or somebody has logged the token out.
void KeyUse::repeat(const OperationPointer& operation) {
    m_inventory.refresh(operation->token, [this, operation] {
        const auto found = m_inventory.find_key(operation->token, operation->key);
        // A call that waited while its host ended has met one that nobody has logged in yet.
        if (found && !found->key->always_authenticate && m_unlocking.is_logged_in(operation->token)) {
            m_unlocking.login_lost(operation->token);
        }
        run(operation);
    });
}

// Answers the call when the host has done its work; else `finished` gets the error.
void KeyUse::send(const OperationPointer& operation, const FoundKey& found, const Secret* pin,
                  std::function<void(Result<void>)> finished) {
    std::vector<FileDescriptor> descriptors;
    if (pin != nullptr) {
        auto pipe = pin->to_pipe();
        if (!pipe) {
            finished(Failure(pipe.error()));
            return;
        }
        descriptors.push_back(std::move(*pipe));
    }
    const auto answered = [this, operation, host = found.host, with_pin = pin != nullptr,
                           finished = std::move(finished)](const Result<ipc::Reply>& reply) {
        if (!reply && reply.error().code == ErrorCode::pin_required && !with_pin &&
            !std::exchange(operation->repeated, true)) {
            repeat(operation);
            return;
        }
        m_unlocking.used(operation->token);
        if (!reply) {
            if (reply.error().code == ErrorCode::pin_blocked) {
                m_inventory.changed(ipc::ChangeKind::pin_blocked, operation->token);
            }
            const auto tell = [finished, error = told_to_client(reply.error())] { finished(Failure(error)); };
            if (outdates_the_list(reply.error().code)) {
                host->read(tell);
            } else {
                tell();
            }
            return;
        }
        auto octets = ipc::decode_octets(reply->parameters, operation->answer_field);
        if (!octets) {
            finished(failure(ErrorCode::driver_failed, "host",
                             "answered without " + std::string(operation->answer_field)));
            return;
        }
        operation->call->reply(ipc::encode_octets(operation->answer_field, *octets));
        wipe(*octets);
        finished({});
    };
    HostCall host_call{.method = std::string(operation->method),
                       .parameters = operation->encode(pin != nullptr),
                       .descriptors = std::move(descriptors),
                       .deadline = deadline_of_use(found),
                       .answer = answered};
    if (may_wait_for_touch(found)) {
        m_notices.expect_touch(host_call, operation->token, operation->requester(),
                               found.key->touch ? card_answers_within : slow_card_answers_within);
    }
    found.host->call(std::move(host_call));
}

}  // namespace signet::agent
