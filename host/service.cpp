#include "host/service.h"

#include "host/conversion.h"
#include "ipc/admin_codec.h"
#include "ipc/codec.h"

#include <chrono>
#include <optional>
#include <thread>

namespace signet::host {
namespace {

constexpr const char* no_parameters = "{}";
// An insertion comes as a burst of events; one answer stands for those within this time.
constexpr std::chrono::milliseconds event_burst{50};

Result<std::optional<Secret>> passed_pin(const ipc::IncomingCall& incoming,
                                         std::optional<std::uint32_t> index) {
    if (!index) {
        return std::optional<Secret>();
    }
    if (*index >= incoming.descriptors.size()) {
        return failure(ErrorCode::invalid_parameter, "receive PIN", "pin");
    }
    SIGNET_TRY(Secret pin, Secret::read_from(incoming.descriptors[*index]));
    return std::optional(std::move(pin));
}

const Secret* pointer(const std::optional<Secret>& pin) {
    return pin ? &*pin : nullptr;
}

// The octets may be a secret.
Result<std::string> octets_answer(std::string_view field, Result<Bytes> octets) {
    if (!octets) {
        return Failure(std::move(octets).error());
    }
    std::string answer = ipc::encode_octets(field, *octets);
    wipe(*octets);
    return answer;
}

}  // namespace

Result<std::string> Service::answer(const ipc::IncomingCall& incoming) {
    const std::string_view method = incoming.call.method;
    if (method.starts_with(ipc::admin_interface)) {
        return m_admin.answer(incoming);
    }
    return answer_token(method.substr(ipc::token_interface.size() + 1), incoming);
}

Result<std::string> Service::answer_token(std::string_view method, const ipc::IncomingCall& incoming) {
    if (method == "Sign") {
        return sign(incoming);
    }
    if (method == "Decrypt") {
        return decrypt(incoming);
    }
    if (method == "Derive") {
        return derive(incoming);
    }
    if (method == "GetInventory") {
        return get_inventory(incoming);
    }
    if (method == "Login") {
        return login(incoming);
    }
    if (method == "Logout") {
        return logout(incoming);
    }
    if (method == "WaitForChange") {
        return wait_for_change(incoming);
    }
    return failure(ErrorCode::method_not_found, "call", incoming.call.method);
}

Result<std::string> Service::get_inventory(const ipc::IncomingCall& incoming) {
    SIGNET_CHECK(ipc::decode_no_parameters(incoming.call.parameters));
    SIGNET_TRY(auto inventory, m_driver.inventory());
    return ipc::encode(to_wire(std::move(inventory)));
}

Result<std::string> Service::wait_for_change(const ipc::IncomingCall& incoming) {
    SIGNET_CHECK(ipc::decode_no_parameters(incoming.call.parameters));
    for (;;) {
        SIGNET_CHECK(m_driver.wait_for_change());
        if (!incoming.call.more) {
            return no_parameters;
        }
        SIGNET_CHECK(incoming.reply_more(no_parameters));
        std::this_thread::sleep_for(event_burst);
    }
}

Result<std::string> Service::login(const ipc::IncomingCall& incoming) {
    SIGNET_TRY(const auto call, ipc::decode_login_call(incoming.call.parameters));
    SIGNET_TRY(const auto pin, passed_pin(incoming, call.pin));
    SIGNET_CHECK(m_driver.login(call.token, pointer(pin)));
    return no_parameters;
}

Result<std::string> Service::logout(const ipc::IncomingCall& incoming) {
    SIGNET_TRY(const auto call, ipc::decode_login_call(incoming.call.parameters));
    SIGNET_CHECK(m_driver.logout(call.token));
    return no_parameters;
}

Result<std::string> Service::sign(const ipc::IncomingCall& incoming) {
    SIGNET_TRY(auto call, ipc::decode_sign_call(incoming.call.parameters));
    SIGNET_TRY(const auto pin, passed_pin(incoming, call.use.pin));
    const auto name = key_name(call.use);
    return octets_answer("signature", m_worker->sign(name, from_wire(std::move(call)), pointer(pin)));
}

Result<std::string> Service::decrypt(const ipc::IncomingCall& incoming) {
    SIGNET_TRY(auto call, ipc::decode_decrypt_call(incoming.call.parameters));
    SIGNET_TRY(const auto pin, passed_pin(incoming, call.use.pin));
    const auto name = key_name(call.use);
    return octets_answer("plaintext", m_worker->decrypt(name, from_wire(std::move(call)), pointer(pin)));
}

Result<std::string> Service::derive(const ipc::IncomingCall& incoming) {
    SIGNET_TRY(auto call, ipc::decode_derive_call(incoming.call.parameters));
    SIGNET_TRY(const auto pin, passed_pin(incoming, call.use.pin));
    const auto name = key_name(call.use);
    return octets_answer("secret", m_worker->derive(name, from_wire(std::move(call)), pointer(pin)));
}

}  // namespace signet::host
