#include "host/admin_service.h"

#include "host/admin_conversion.h"
#include "ipc/admin_codec.h"
#include "token/administration.h"

#include <functional>
#include <utility>

namespace signet::host {
namespace {

// One call with the secrets that came with it.
class Request {
  public:
    Request(const ipc::IncomingCall& incoming, ipc::AdminCall call)
        : m_incoming(incoming), m_call(std::move(call)) {}

    [[nodiscard]] const ipc::AdminCall& call() const { return m_call; }

    // Reads it to its end.
    [[nodiscard]] Result<Secret> secret(ipc::AdminSecret which) const {
        const auto index = m_call.secrets[which];
        if (!index || *index >= m_incoming.descriptors.size()) {
            return failure(ErrorCode::invalid_parameter, "receive secret", std::string(name_of(which)));
        }
        return Secret::read_from(m_incoming.descriptors[*index]);
    }
    // Empty when it was not passed: it is typed at the reader. One that was passed is never empty.
    [[nodiscard]] Result<Secret> secret_or_reader(ipc::AdminSecret which) const {
        if (!m_call.secrets[which]) {
            return Secret();
        }
        SIGNET_TRY(Secret passed, secret(which));
        return passed.empty()
                   ? failure(ErrorCode::invalid_parameter, "receive secret", std::string(name_of(which)))
                   : Result<Secret>(std::move(passed));
    }
    [[nodiscard]] Result<Secret> authorization() const {
        return secret_or_reader(ipc::AdminSecret::authorization);
    }

  private:
    const ipc::IncomingCall& m_incoming;
    ipc::AdminCall m_call;
};

using Answer = Result<ipc::AdminReply>;

Answer nothing_or_error(Result<void> result) {
    if (!result) {
        return Failure(std::move(result).error());
    }
    return ipc::AdminReply();
}

Answer show(token::Administration& administration, const Request& request) {
    SIGNET_TRY(auto details, administration.details(request.call().token));
    return ipc::AdminReply(to_wire(std::move(details)));
}

Answer change_pin(token::Administration& administration, const Request& request) {
    SIGNET_TRY(const auto old_pin, request.secret_or_reader(ipc::AdminSecret::old_pin));
    SIGNET_TRY(const auto new_pin, request.secret_or_reader(ipc::AdminSecret::new_pin));
    return nothing_or_error(
        administration.change_pin(request.call().token, request.call().kind, old_pin, new_pin));
}

Answer unblock_pin(token::Administration& administration, const Request& request) {
    SIGNET_TRY(const auto unblocking, request.secret_or_reader(ipc::AdminSecret::unblocking));
    SIGNET_TRY(const auto new_pin, request.secret_or_reader(ipc::AdminSecret::new_pin));
    return nothing_or_error(administration.unblock_pin(request.call().token, unblocking, new_pin));
}

Answer set_management_key(token::Administration& administration, const Request& request) {
    SIGNET_TRY(const auto authorization, request.authorization());
    SIGNET_TRY(const auto new_key, request.secret(ipc::AdminSecret::new_key));
    const auto& call = request.call();
    return nothing_or_error(administration.set_management_key(
        call.token, authorization, *call.management_algorithm, new_key, call.touch));
}

Answer protect_management_key(token::Administration& administration, const Request& request) {
    SIGNET_TRY(const auto authorization, request.authorization());
    SIGNET_TRY(const auto pin, request.secret_or_reader(ipc::AdminSecret::pin));
    const auto& call = request.call();
    return nothing_or_error(administration.protect_management_key(call.token, authorization, pin,
                                                                  *call.management_algorithm, call.touch));
}

Answer set_retries(token::Administration& administration, const Request& request) {
    SIGNET_TRY(const auto authorization, request.authorization());
    SIGNET_TRY(const auto pin, request.secret_or_reader(ipc::AdminSecret::pin));
    constexpr std::uint32_t most_tries = 255;
    const auto& call = request.call();
    if (call.pin_tries < 1 || call.pin_tries > most_tries) {
        return failure(ErrorCode::invalid_parameter, "SetRetries", "pin_tries");
    }
    if (call.unblocking_tries < 1 || call.unblocking_tries > most_tries) {
        return failure(ErrorCode::invalid_parameter, "SetRetries", "unblocking_tries");
    }
    return nothing_or_error(administration.set_retries(call.token, authorization, pin,
                                                       static_cast<int>(call.pin_tries),
                                                       static_cast<int>(call.unblocking_tries)));
}

Answer generate_key(token::Administration& administration, const Request& request) {
    SIGNET_TRY(const auto authorization, request.authorization());
    const auto& call = request.call();
    SIGNET_TRY(auto key,
               administration.generate_key(call.token, authorization, *call.algorithm, placement(call)));
    return ipc::AdminReply(to_wire(std::move(key)));
}

Answer import_key(token::Administration& administration, const Request& request) {
    SIGNET_TRY(const auto authorization, request.authorization());
    SIGNET_TRY(const auto private_key, request.secret(ipc::AdminSecret::private_key));
    const auto& call = request.call();
    SIGNET_TRY(auto key, administration.import_key(call.token, authorization, private_key, placement(call)));
    return ipc::AdminReply(to_wire(std::move(key)));
}

Answer store_certificate(token::Administration& administration, const Request& request) {
    SIGNET_TRY(const auto authorization, request.authorization());
    const auto& call = request.call();
    return nothing_or_error(administration.store_certificate(call.token, authorization, call.slot,
                                                             call.certificate, call.overwrite));
}

Answer delete_certificate(token::Administration& administration, const Request& request) {
    SIGNET_TRY(const auto authorization, request.authorization());
    return nothing_or_error(
        administration.delete_certificate(request.call().token, authorization, request.call().slot));
}

Answer move_key(token::Administration& administration, const Request& request) {
    SIGNET_TRY(const auto authorization, request.authorization());
    const auto& call = request.call();
    return nothing_or_error(administration.move_key(call.token, authorization, call.slot, call.target));
}

Answer delete_key(token::Administration& administration, const Request& request) {
    SIGNET_TRY(const auto authorization, request.authorization());
    return nothing_or_error(
        administration.delete_key(request.call().token, authorization, request.call().slot));
}

Answer attest(token::Administration& administration, const Request& request) {
    SIGNET_TRY(auto certificates, administration.attest(request.call().token, request.call().slot));
    return ipc::AdminReply(ipc::Attestation{.certificates = std::move(certificates)});
}

Answer get_object(token::Administration& administration, const Request& request) {
    SIGNET_TRY(auto content, administration.get_object(request.call().token, request.call().object));
    return ipc::AdminReply(ipc::ObjectContent{.content = std::move(content)});
}

Answer put_object(token::Administration& administration, const Request& request) {
    SIGNET_TRY(const auto authorization, request.authorization());
    const auto& call = request.call();
    return nothing_or_error(administration.put_object(call.token, authorization, call.object, call.content));
}

Answer personalize(token::Administration& administration, const Request& request) {
    SIGNET_TRY(const auto authorization, request.authorization());
    return nothing_or_error(administration.personalize(request.call().token, authorization));
}

Answer reset(token::Administration& administration, const Request& request) {
    return nothing_or_error(administration.reset(request.call().token));
}

Answer run(token::Administration& administration, const Request& request) {
    using Run = Answer (*)(token::Administration&, const Request&);
    // By the order of ipc::AdminMethod.
    constexpr Run table[] = {
        show,        change_pin,   unblock_pin, set_management_key, protect_management_key,
        set_retries, generate_key, import_key,  store_certificate,  delete_certificate,
        move_key,    delete_key,   attest,      get_object,         put_object,
        personalize, reset};
    return table[static_cast<std::size_t>(request.call().method)](administration, request);
}

}  // namespace

Result<std::string> AdminService::answer(const ipc::IncomingCall& incoming) {
    const std::string_view name =
        std::string_view(incoming.call.method).substr(ipc::admin_interface.size() + 1);
    const auto method = ipc::admin_method_named(name);
    if (!method) {
        return failure(ErrorCode::method_not_found, "call", incoming.call.method);
    }
    SIGNET_TRY(auto call, ipc::decode_admin_call(*method, incoming.call.parameters));
    if (call.token.empty()) {
        return failure(ErrorCode::invalid_parameter, incoming.call.method, "token");
    }
    token::Administration* administration = m_driver.administration();
    if (administration == nullptr) {
        return failure(ErrorCode::unsupported, incoming.call.method, "administration of this token");
    }
    SIGNET_TRY(const auto reply, run(*administration, Request(incoming, std::move(call))));
    return ipc::encode(reply);
}

}  // namespace signet::host
