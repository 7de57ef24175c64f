#include "host/conversion.h"

#include <utility>

namespace signet::host {
namespace {

ipc::PinState to_wire(token::PinState state) {
    switch (state) {
        case token::PinState::ok:
            return ipc::PinState::ok;
        case token::PinState::low:
            return ipc::PinState::low;
        case token::PinState::final_try:
            return ipc::PinState::final_try;
        case token::PinState::blocked:
            return ipc::PinState::blocked;
        case token::PinState::not_set:
            break;
    }
    return ipc::PinState::not_set;
}

ipc::Key to_wire(token::Key key) {
    return {.id = std::move(key.id),
            .type = key.type,
            .bits = key.bits,
            .curve = std::move(key.curve),
            .public_key_info = std::move(key.public_key_info),
            .label = std::move(key.label),
            .object_id = std::move(key.object_id),
            .signature_schemes = std::move(key.signature_schemes),
            .decryption_schemes = std::move(key.decryption_schemes),
            .derive = key.derive,
            .login_required = key.login_required,
            .always_authenticate = key.always_authenticate,
            .touch = key.touch};
}

ipc::Certificate to_wire(token::Certificate certificate) {
    return {.der = std::move(certificate.der),
            .label = std::move(certificate.label),
            .object_id = std::move(certificate.object_id),
            .key = std::move(certificate.key),
            .subject = std::move(certificate.subject),
            .emails = std::move(certificate.emails),
            .not_before = std::move(certificate.not_before),
            .not_after = std::move(certificate.not_after)};
}

ipc::Token to_wire(token::Token token) {
    ipc::Token result;
    result.id = std::move(token.id);
    result.label = std::move(token.label);
    result.manufacturer = std::move(token.manufacturer);
    result.model = std::move(token.model);
    result.serial = std::move(token.serial);
    result.reader = std::move(token.reader);
    result.login_required = token.login_required;
    result.pin_pad = token.pin_pad;
    result.pin = to_wire(token.pin);
    for (token::Key& key : token.keys) {
        result.keys.push_back(to_wire(std::move(key)));
    }
    for (token::Certificate& certificate : token.certificates) {
        result.certificates.push_back(to_wire(std::move(certificate)));
    }
    return result;
}

}  // namespace

ipc::HostInventory to_wire(token::Inventory inventory) {
    ipc::HostInventory result{.tokens = {},
                              .waits_for_events = inventory.waits_for_events,
                              .one_at_a_time = inventory.one_at_a_time};
    for (token::Token& token : inventory.tokens) {
        result.tokens.push_back(to_wire(std::move(token)));
    }
    return result;
}

token::KeyName key_name(const ipc::KeyUse& use) {
    return {.token = use.token, .key = use.key};
}

token::SignRequest from_wire(ipc::SignCall call) {
    return {.scheme = call.scheme,
            .hash = call.hash,
            .data = std::move(call.data),
            .data_is_message = call.data_is_message,
            .mask_hash = call.mask_hash,
            .salt_length = call.salt_length};
}

token::DecryptRequest from_wire(ipc::DecryptCall call) {
    return {.scheme = call.scheme,
            .ciphertext = std::move(call.ciphertext),
            .hash = call.hash,
            .mask_hash = call.mask_hash,
            .label = std::move(call.label)};
}

token::DeriveRequest from_wire(ipc::DeriveCall call) {
    return {.public_key = std::move(call.public_key),
            .kdf_hash = call.kdf_hash,
            .shared_info = std::move(call.shared_info),
            .length = call.length};
}

}  // namespace signet::host
