#include "agent/administration.h"

#include "agent/admin_operation.h"
#include "agent/host_error.h"
#include "agent/prompt_text.h"
#include "ipc/admin_codec.h"

#include <utility>

namespace signet::agent {
namespace {

using ipc::AdminMethod;
using ipc::AdminSecret;

std::chrono::seconds deadline_of(AdminMethod method, bool at_pin_pad) {
    if (method == AdminMethod::generate_key) {
        return key_generation_deadline;
    }
    return at_pin_pad ? pin_pad_deadline : administration_deadline;
}

// The management key may want a finger, and does not tell. An RSA key takes its time with nobody to wait for.
bool may_wait_for_touch(const ipc::AdminCall& call) {
    const bool is_slow = call.method == AdminMethod::generate_key && call.algorithm &&
                         *call.algorithm <= KeyAlgorithm::rsa4096;
    return wants_authorization(call.method) && !is_slow;
}

Error nonsense(const Error& error) {
    return {.code = ErrorCode::driver_failed,
            .operation = "host",
            .detail = "its answer makes no sense: " + error.detail};
}

}  // namespace

void Administration::handle(const ipc::CallPointer& call) {
    const std::string_view name =
        std::string_view(call->call().method).substr(ipc::admin_interface.size() + 1);
    auto decoded = ipc::decode_admin_call(*ipc::admin_method_named(name), call->call().parameters);
    if (!decoded) {
        call->fail(decoded.error());
        return;
    }
    auto operation = std::make_shared<AdminOperation>();
    operation->call = call;
    operation->requester = make_requester(call->peer(), decoded->environment);
    operation->parameters = std::move(*decoded);
    const auto& token = operation->parameters.token;
    operation->names_token = !token.empty();
    m_inventory.refresh(token.empty() ? std::nullopt : std::optional(token),
                        [this, operation] { begin(operation); });
}

void Administration::begin(const OperationPointer& operation) {
    auto& token = operation->parameters.token;
    const auto found = m_inventory.find_token(token.empty() ? std::nullopt : std::optional(token));
    if (!found) {
        operation->fail(found.error());
        return;
    }
    token = found->token->id;
    if (const auto taken = operation->take_passed_secrets(); !taken) {
        operation->fail(taken.error());
        return;
    }
    go_on(operation);
}

// Asks for what is missing, then sends the call.
void Administration::go_on(const OperationPointer& operation) {
    if (operation->call->abandoned()) {
        return;
    }
    operation->share_pin();
    for (const AdminSecret secret : needed_secrets(operation->parameters.method)) {
        if (operation->secrets.contains(secret)) {
            continue;
        }
        if (!operation->details) {
            look(operation);
            return;
        }
        if (const auto possible = operation->check_possible(); !possible) {
            operation->fail(possible.error());
            return;
        }
        if (operation->is_blocked(secret)) {
            operation->fail({.code = ErrorCode::pin_blocked,
                             .operation = "administration",
                             .detail = refused_name(operation->parameters, *operation->details)});
            return;
        }
        if (!operation->is_typed_at_reader(secret)) {
            ask(operation, secret);
            return;
        }
    }
    if (operation->parameters.method == AdminMethod::import_key && !operation->unpacked) {
        unpack(operation);
    } else {
        send(operation);
    }
}

// Which secret the token wants, and how many tries are left.
void Administration::look(const OperationPointer& operation) {
    const ipc::AdminCall show{.method = AdminMethod::show, .token = operation->parameters.token};
    call_host(operation, show, [this, operation](const Result<ipc::Reply>& reply) {
        if (!reply) {
            failed(operation, reply.error());
            return;
        }
        auto answer = ipc::decode_admin_reply(AdminMethod::show, reply->parameters);
        if (!answer) {
            operation->fail(nonsense(answer.error()));
            return;
        }
        operation->details = std::get<ipc::TokenDetails>(std::move(*answer));
        shown(operation, *operation->details, [this, operation] { go_on(operation); });
    });
}

void Administration::ask(const OperationPointer& operation, AdminSecret secret) {
    const auto found = m_inventory.find_token(operation->parameters.token);
    if (!found) {
        operation->fail(found.error());
        return;
    }
    const auto question = operation->question(*found->token, secret);
    const auto id =
        m_prompts.ask({.environment = operation->requester.environment,
                       .description = question_description(question, operation->requester),
                       .attempt =
                           [this, operation, secret](const Secret& typed,
                                                     const std::function<void(Result<void>)>& verdict) {
                               const auto again = m_inventory.find_token(operation->parameters.token);
                               verdict(again ? operation->take_typed_secret(
                                                   operation->question(*again->token, secret), typed)
                                             : Result<void>(Failure(again.error())));
                           },
                       .done =
                           [this, operation](const Result<void>& result) {
                               operation->call->on_abandoned(nullptr);
                               if (result) {
                                   go_on(operation);
                               } else {
                                   operation->fail(result.error());
                               }
                           },
                       .prompt = prompt_label(question),
                       .error = std::exchange(operation->refusal, {})});
    operation->call->on_abandoned([this, id] { m_prompts.withdraw(id); });
}

// Some objects can be read, and some keys prove themselves, with the PIN only.
void Administration::unlock_and_send(const OperationPointer& operation) {
    const auto& token = operation->parameters.token;
    const auto found = m_inventory.find_token(token);
    if (!found) {
        operation->fail(found.error());
        return;
    }
    if (m_unlocking.is_logged_in(token)) {
        m_unlocking.login_lost(token);
    }
    const auto unlocked = [this, operation](const Result<void>& result) {
        if (result) {
            // A private key is gone from its pipe.
            operation->unpacked.reset();
            go_on(operation);
        } else {
            operation->fail(told_to_client(result.error()));
        }
    };
    const auto pin = operation->secrets.find(AdminSecret::pin);
    if (pin != operation->secrets.end()) {
        m_unlocking.log_in_with(*found, pin->second, unlocked);
    } else {
        m_unlocking.log_in(*found, operation->requester, operation->call, unlocked);
    }
}

void Administration::unpack(const OperationPointer& operation) {
    const auto& file = operation->call->descriptors()[*operation->parameters.secrets[AdminSecret::pkcs12]];
    unpack_pkcs12(m_loop, file, operation->secrets[AdminSecret::password],
                  [this, operation](Result<UnpackedPkcs12> unpacked) {
                      if (unpacked) {
                          operation->unpacked = std::move(*unpacked);
                          send(operation);
                      } else if (unpacked.error().code == ErrorCode::not_allowed &&
                                 operation->typed.contains(AdminSecret::password)) {
                          ask_again(operation, AdminSecret::password, "Wrong password, or a damaged file.");
                      } else {
                          operation->fail(unpacked.error());
                      }
                  });
}

void Administration::send(const OperationPointer& operation) {
    call_host(operation, operation->parameters,
              [this, operation](const Result<ipc::Reply>& reply) { answered(operation, reply); });
}

// With the secrets that belong to it.
void Administration::call_host(const OperationPointer& operation, ipc::AdminCall call,
                               ipc::Channel::Answer answer) {
    const auto found = m_inventory.find_token(operation->parameters.token);
    if (!found) {
        operation->fail(found.error());
        return;
    }
    auto descriptors = operation->descriptors_for(call);
    if (!descriptors) {
        operation->fail(descriptors.error());
        return;
    }
    call.environment.reset();
    const AdminMethod method = call.method;
    HostCall host_call{.method = std::string(name_of(method)),
                       .parameters = ipc::encode(call),
                       .descriptors = std::move(*descriptors),
                       .deadline = deadline_of(method, found->token->pin_pad),
                       .answer = std::move(answer),
                       .interface = ipc::admin_interface,
                       .exclusive = changes_the_token(method)};
    // Who types at a pin pad takes time too, and such readers hold no cards that want a finger.
    if (found->host->subject().is_card && !found->token->pin_pad && may_wait_for_touch(call)) {
        m_notices.expect_touch(host_call, call.token, operation->requester, slow_card_answers_within);
    }
    found->host->call(std::move(host_call));
}

void Administration::answered(const OperationPointer& operation, const Result<ipc::Reply>& reply) {
    if (!reply && reply.error().code == ErrorCode::pin_required &&
        !std::exchange(operation->unlocking, true)) {
        unlock_and_send(operation);
        return;
    }
    if (operation->unlocking && operation->secrets.contains(AdminSecret::pin)) {
        m_unlocking.lock(operation->parameters.token);
    } else if (operation->unlocking) {
        m_unlocking.used(operation->parameters.token);
    }
    if (!reply) {
        failed(operation, reply.error());
        return;
    }
    auto answer = ipc::decode_admin_reply(operation->parameters.method, reply->parameters);
    if (!answer) {
        operation->fail(nonsense(answer.error()));
        return;
    }
    done(operation, *answer);
}

void Administration::done(const OperationPointer& operation, const ipc::AdminReply& answer) {
    if (!changes_the_token(operation->parameters.method)) {
        const auto reply = [operation, answer] { operation->call->reply(ipc::encode(answer)); };
        if (const auto* details = std::get_if<ipc::TokenDetails>(&answer)) {
            shown(operation, *details, reply);
        } else {
            reply();
        }
        return;
    }
    if (changes_the_pin(operation->parameters)) {
        m_unlocking.lock(operation->parameters.token);
    }
    read_anew(operation, [operation, answer] { operation->call->reply(ipc::encode(answer)); });
}

// Another program may have written to a card since it was listed. Where no serial number names it, it may
// have another identity by that, and is the same card none the less.
void Administration::shown(const OperationPointer& operation, const ipc::TokenDetails& details,
                           std::function<void()> done) {
    const auto found = m_inventory.find_token(operation->parameters.token);
    if (!found || !found->host->subject().is_card || tells_the_same(*found->token, details)) {
        done();
        return;
    }
    operation->parameters.token = details.id;
    found->host->read(std::move(done));
}

// A person who mistyped a PIN is asked again; one that was passed is not tried a second time.
void Administration::failed(const OperationPointer& operation, const Error& error) {
    if (changes_the_pin(operation->parameters) && may_have_happened(error.code)) {
        m_unlocking.lock(operation->parameters.token);
    }
    if (error.code == ErrorCode::pin_blocked) {
        m_inventory.changed(ipc::ChangeKind::pin_blocked, operation->parameters.token);
    }
    const auto tell = [this, operation, error] {
        if (error.code == ErrorCode::token_not_found) {
            card_changed(operation);
            return;
        }
        const bool asked = error.code == ErrorCode::pin_incorrect && operation->details.has_value();
        const auto secret =
            asked ? std::optional(refused_secret(operation->parameters, *operation->details)) : std::nullopt;
        if (secret && operation->typed.contains(*secret)) {
            ask_again(operation, *secret,
                      refusal_text(error, refused_name(operation->parameters, *operation->details)));
        } else {
            operation->fail(told_to_client(error));
        }
    };
    // A key that was brought in may be there without its certificate.
    if (outdates_the_list(error.code) || operation->parameters.method == AdminMethod::import_key) {
        read_anew(operation, tell);
    } else {
        tell();
    }
}

// The card is none that the list had; it is read anew now.
void Administration::card_changed(const OperationPointer& operation) {
    const auto now = m_inventory.find_token(std::nullopt);
    if (now && !operation->names_token && !std::exchange(operation->found_another, true)) {
        operation->go_to(now->token->id);
        go_on(operation);
        return;
    }
    const std::string present = now ? "; " + now->token->id + " is there now" : "";
    operation->fail({.code = ErrorCode::token_not_found,
                     .operation = "administration",
                     .detail = operation->parameters.token + present});
}

void Administration::ask_again(const OperationPointer& operation, AdminSecret secret, std::string refusal) {
    operation->forget(secret, std::move(refusal));
    go_on(operation);
}

void Administration::read_anew(const OperationPointer& operation, std::function<void()> done) {
    const auto found = m_inventory.find_token(operation->parameters.token);
    if (found) {
        found->host->read(std::move(done));
    } else {
        done();
    }
}

}  // namespace signet::agent
