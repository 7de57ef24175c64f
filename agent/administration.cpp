#include "agent/administration.h"

#include "agent/administration_text.h"
#include "agent/host_error.h"
#include "agent/passed_secret.h"
#include "agent/prompt_text.h"
#include "ipc/admin_codec.h"

#include <algorithm>
#include <map>
#include <utility>

namespace signet::agent {
namespace {

using ipc::AdminMethod;
using ipc::AdminSecret;

// What the token's host wants to get, in the order in which a person is asked.
std::vector<AdminSecret> needed_secrets(AdminMethod method) {
    switch (method) {
        case AdminMethod::change_pin:
            return {AdminSecret::old_pin, AdminSecret::new_pin};
        case AdminMethod::unblock_pin:
            return {AdminSecret::unblocking, AdminSecret::new_pin};
        case AdminMethod::set_management_key:
            return {AdminSecret::authorization, AdminSecret::new_key};
        case AdminMethod::set_retries:
            return {AdminSecret::authorization, AdminSecret::pin};
        default:
            break;
    }
    return wants_authorization(method) ? std::vector{AdminSecret::authorization} : std::vector<AdminSecret>();
}

// The secret that a PinIncorrect tells of.
AdminSecret refused_secret(const ipc::AdminCall& call, const ipc::TokenDetails& details) {
    switch (call.method) {
        case AdminMethod::change_pin:
            return AdminSecret::old_pin;
        case AdminMethod::unblock_pin:
            return AdminSecret::unblocking;
        default:
            return details.authorization == Authorization::pin ? AdminSecret::authorization
                                                               : AdminSecret::pin;
    }
}

bool changes_the_token(AdminMethod method) {
    return wants_secrets(method) || method == AdminMethod::reset;
}

// The PIN may be another now than the one that was cached.
bool changes_the_pin(const ipc::AdminCall& call) {
    return (call.method == AdminMethod::change_pin && call.kind == PinKind::user) ||
           call.method == AdminMethod::unblock_pin || call.method == AdminMethod::set_retries ||
           call.method == AdminMethod::reset;
}

std::chrono::seconds deadline_of(AdminMethod method) {
    return method == AdminMethod::generate_key ? key_generation_deadline : administration_deadline;
}

bool is_new(AdminSecret secret) {
    return secret == AdminSecret::new_pin || secret == AdminSecret::new_key;
}

bool is_management_key(AdminSecret secret, const ipc::TokenDetails& details) {
    return secret == AdminSecret::new_key ||
           (secret == AdminSecret::authorization && details.authorization == Authorization::management_key);
}

}  // namespace

// One call on its way.
struct Administration::Operation {
    ipc::CallPointer call;
    ipc::AdminCall parameters;
    Requester requester;
    std::optional<ipc::TokenDetails> details;  // read when something has to be asked
    std::map<AdminSecret, Secret> secrets;     // in octets, as the host gets them
    std::set<AdminSecret> typed;               // of these, those that a person typed
    std::optional<Secret> chosen;              // a new secret that was typed once
    std::string refusal;                       // for the next prompt: why the last answer was not taken

    [[nodiscard]] AdminQuestion question(const ipc::Token& token, AdminSecret secret) const {
        return {.token = token,
                .details = *details,
                .call = parameters,
                .secret = secret,
                .again = chosen.has_value()};
    }

    Result<void> take_passed_secrets() {
        for (const AdminSecret secret : needed_secrets(parameters.method)) {
            if (const auto index = parameters.secrets[secret]) {
                SIGNET_TRY(Secret value, read_passed_secret(*call, *index, name_of(secret)));
                secrets.insert_or_assign(secret, std::move(value));
            }
        }
        return {};
    }

    // malformed, with what to tell the person, for what cannot be it.
    Result<void> take_typed_secret(const AdminQuestion& question, const Secret& input) {
        Secret value = input.clone();
        if (is_management_key(question.secret, *details)) {
            const auto digits = management_key_digits(question);
            auto octets = input.from_hex_digits();
            if (!octets || (digits && input.size() != *digits)) {
                return failure(ErrorCode::malformed, "management key",
                               digits ? "The management key has " + std::to_string(*digits) +
                                            " hexadecimal digits; nothing was tried."
                                      : "A management key is hexadecimal digits; nothing was tried.");
            }
            value = std::move(*octets);
        }
        if (!is_new(question.secret)) {
            keep(question.secret, std::move(value));
        } else if (!chosen) {
            chosen = std::move(value);
        } else if (equal_constant_time(chosen->expose(), value.expose())) {
            chosen.reset();
            keep(question.secret, std::move(value));
        } else {
            chosen.reset();
            refusal = "The two were not the same; nothing was changed.";
        }
        return {};
    }

    void keep(AdminSecret secret, Secret value) {
        secrets.insert_or_assign(secret, std::move(value));
        typed.insert(secret);
    }

    void fail(const Error& error) const {
        call->on_abandoned(nullptr);
        call->fail(error);
    }
};

void Administration::handle(const ipc::CallPointer& call) {
    const std::string_view name =
        std::string_view(call->call().method).substr(ipc::admin_interface.size() + 1);
    auto decoded = ipc::decode_admin_call(*ipc::admin_method_named(name), call->call().parameters);
    if (!decoded) {
        call->fail(decoded.error());
        return;
    }
    auto operation = std::make_shared<Operation>();
    operation->call = call;
    operation->requester = make_requester(call->peer(), decoded->environment);
    operation->parameters = std::move(*decoded);
    m_inventory.refresh([this, operation] { begin(operation); });
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
    for (const AdminSecret secret : needed_secrets(operation->parameters.method)) {
        if (operation->secrets.contains(secret)) {
            continue;
        }
        if (operation->details) {
            ask(operation, secret);
        } else {
            look(operation);
        }
        return;
    }
    send(operation);
}

// Which secret the token wants, and how many tries are left.
void Administration::look(const OperationPointer& operation) {
    const auto found = m_inventory.find_token(operation->parameters.token);
    if (!found) {
        operation->fail(found.error());
        return;
    }
    const ipc::AdminCall show{.method = AdminMethod::show, .token = found->token->id};
    found->host->call({.method = std::string(name_of(show.method)),
                       .parameters = ipc::encode(show),
                       .descriptors = {},
                       .deadline = administration_deadline,
                       .answer =
                           [this, operation](const Result<ipc::Reply>& reply) {
                               if (!reply) {
                                   operation->fail(told_to_client(reply.error()));
                                   return;
                               }
                               auto shown = ipc::decode_admin_reply(AdminMethod::show, reply->parameters);
                               if (!shown) {
                                   operation->fail({.code = ErrorCode::driver_failed,
                                                    .operation = "host",
                                                    .detail = shown.error().detail});
                                   return;
                               }
                               operation->details = std::get<ipc::TokenDetails>(std::move(*shown));
                               go_on(operation);
                           },
                       .interface = ipc::admin_interface});
}

void Administration::ask(const OperationPointer& operation, AdminSecret secret) {
    const auto found = m_inventory.find_token(operation->parameters.token);
    if (!found) {
        operation->fail(found.error());
        return;
    }
    const auto question = operation->question(*found->token, secret);
    if (secret == refused_secret(operation->parameters, *operation->details) && tries_left(question) == 0) {
        operation->fail({.code = ErrorCode::pin_blocked,
                         .operation = "administration",
                         .detail = refused_name(operation->parameters, *operation->details)});
        return;
    }
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

void Administration::send(const OperationPointer& operation) {
    const auto found = m_inventory.find_token(operation->parameters.token);
    if (!found) {
        operation->fail(found.error());
        return;
    }
    ipc::AdminCall forwarded = operation->parameters;
    forwarded.environment.reset();
    forwarded.secrets = {};
    std::vector<FileDescriptor> descriptors;
    for (const auto& [name, secret] : operation->secrets) {
        auto pipe = secret.to_pipe();
        if (!pipe) {
            operation->fail(pipe.error());
            return;
        }
        forwarded.secrets[name] = static_cast<std::uint32_t>(descriptors.size());
        descriptors.push_back(std::move(*pipe));
    }
    const AdminMethod method = forwarded.method;
    found->host->call(
        {.method = std::string(name_of(method)),
         .parameters = ipc::encode(forwarded),
         .descriptors = std::move(descriptors),
         .deadline = deadline_of(method),
         .answer = [this, operation](const Result<ipc::Reply>& reply) { answered(operation, reply); },
         .interface = ipc::admin_interface,
         .exclusive = changes_the_token(method)});
}

void Administration::answered(const OperationPointer& operation, const Result<ipc::Reply>& reply) {
    if (!reply) {
        failed(operation, reply.error());
        return;
    }
    auto answer = ipc::decode_admin_reply(operation->parameters.method, reply->parameters);
    if (!answer) {
        operation->fail({.code = ErrorCode::driver_failed,
                         .operation = "host",
                         .detail = "its answer makes no sense: " + answer.error().detail});
        return;
    }
    if (!changes_the_token(operation->parameters.method)) {
        operation->call->reply(ipc::encode(*answer));
        return;
    }
    if (changes_the_pin(operation->parameters)) {
        m_unlocking.lock(operation->parameters.token);
    }
    read_anew(operation,
              [operation, answer = std::move(*answer)] { operation->call->reply(ipc::encode(answer)); });
}

// A person who mistyped a PIN is asked again; one that was passed is not tried a second time.
void Administration::failed(const OperationPointer& operation, const Error& error) {
    if (error.code == ErrorCode::pin_blocked) {
        m_inventory.changed(ipc::ChangeKind::pin_blocked, operation->parameters.token);
    }
    const auto tell = [this, operation, error] {
        const bool mistyped =
            error.code == ErrorCode::pin_incorrect && operation->details &&
            operation->typed.contains(refused_secret(operation->parameters, *operation->details));
        if (!mistyped || operation->call->abandoned()) {
            operation->fail(told_to_client(error));
            return;
        }
        operation->secrets.erase(refused_secret(operation->parameters, *operation->details));
        operation->refusal = refusal_text(error, refused_name(operation->parameters, *operation->details));
        operation->details.reset();
        go_on(operation);
    };
    if (outdates_the_list(error.code)) {
        read_anew(operation, tell);
    } else {
        tell();
    }
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
