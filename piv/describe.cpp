#include "piv/describe.h"

#include "piv/key_operation.h"
#include "x509/certificate.h"

#include <algorithm>

namespace signet::piv {
namespace {

// From here on somebody has mistyped: cards start with three tries at least.
constexpr int low_tries = 2;

std::string label_of(KeyReference key) {
    switch (key) {
        case authentication_key:
            return "PIV authentication";
        case signature_key:
            return "Digital signature";
        case key_management_key:
            return "Key management";
        case card_authentication_key:
            return "Card authentication";
        default:
            break;
    }
    const int number = static_cast<int>(key) - static_cast<int>(first_retired_key) + 1;
    return "Retired key management " + std::to_string(number);
}

token::PinState pin_state(const PinStatus& pin) {
    if (pin.verified || !pin.tries_left || *pin.tries_left > low_tries) {
        return token::PinState::ok;
    }
    if (*pin.tries_left == 0) {
        return token::PinState::blocked;
    }
    return *pin.tries_left == 1 ? token::PinState::final_try : token::PinState::low;
}

token::Key describe_key(const CardKey& key, const ReaderFacts& reader) {
    const KeyPinPolicy demand = key.pin_demand();
    const bool each_time = demand == KeyPinPolicy::always ||
                           (demand == KeyPinPolicy::once && reader.pin_pad && reader.deauthenticates);
    return token::Key{.id = key.id,
                      .type = key.public_key.type,
                      .bits = key.public_key.bits,
                      .curve = key.public_key.curve,
                      .public_key_info = key.public_key.public_key_info,
                      .label = label_of(key.reference),
                      .object_id = {static_cast<std::uint8_t>(key.reference)},
                      .signature_schemes = signature_schemes(key),
                      .decryption_schemes = decryption_schemes(key),
                      .derive = can_derive(key),
                      .login_required = demand != KeyPinPolicy::never,
                      .always_authenticate = each_time,
                      .touch = key.wants_touch()};
}

// A key that lies in two places can do what either allows.
void add_key(std::vector<token::Key>& keys, token::Key key) {
    const auto same = std::find_if(keys.begin(), keys.end(),
                                   [&key](const token::Key& other) { return other.id == key.id; });
    if (same == keys.end()) {
        keys.push_back(std::move(key));
        return;
    }
    if (same->signature_schemes.empty()) {
        same->signature_schemes = std::move(key.signature_schemes);
    }
    same->derive = same->derive || key.derive;
    same->login_required = same->login_required || key.login_required;
    same->always_authenticate = same->always_authenticate || key.always_authenticate;
    same->touch = same->touch || key.touch;
}

token::Certificate describe_certificate(const CardCertificate& certificate, const x509::Certificate& parsed,
                                        const CardContents& contents) {
    return token::Certificate{
        .der = certificate.der,
        .label = label_of(certificate.slot),
        .object_id = {static_cast<std::uint8_t>(certificate.slot)},
        .key = contents.key(certificate.key_id) != nullptr ? certificate.key_id : std::string(),
        .subject = parsed.subject(),
        .emails = parsed.emails(),
        .not_before = parsed.not_before(),
        .not_after = parsed.not_after()};
}

}  // namespace

std::string model_of(const CardContents& contents) {
    if (contents.firmware) {
        return "PIV " + text_of(*contents.firmware);
    }
    return contents.application == Application::piv ? "PIV" : "Derived PIV";
}

token::Token describe(const CardContents& contents, const PinStatus& pin, const ReaderFacts& reader) {
    token::Token token{.id = contents.token_id,
                       .label = {},
                       .manufacturer = contents.serial ? "Yubico" : "",
                       .model = model_of(contents),
                       .serial = contents.serial ? std::to_string(*contents.serial) : to_hex(contents.guid),
                       .reader = reader.name,
                       .login_required = false,
                       .pin_pad = reader.pin_pad,
                       .pin = pin_state(pin),
                       .keys = {},
                       .certificates = {}};
    for (const CardKey& key : contents.keys) {
        add_key(token.keys, describe_key(key, reader));
    }
    token.login_required = std::any_of(token.keys.begin(), token.keys.end(),
                                       [](const token::Key& key) { return key.login_required; });
    for (const CardCertificate& certificate : contents.certificates) {
        const auto parsed = x509::Certificate::from_der(certificate.der);
        if (!parsed) {
            continue;
        }
        if (token.label.empty()) {
            token.label = parsed->common_name();
        }
        token.certificates.push_back(describe_certificate(certificate, *parsed, contents));
    }
    if (token.label.empty()) {
        token.label = "PIV card";
    }
    return token;
}

}  // namespace signet::piv
