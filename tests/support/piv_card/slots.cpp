#include "tests/support/piv_card/slots.h"

namespace signet::test::piv_card {
namespace {

constexpr std::uint8_t signature_slot = 0x9C;
constexpr std::uint8_t card_authentication_slot = 0x9E;

// Nothing when the element is there with another value than these; `fallback` when it is not there, or 0.
std::optional<std::uint8_t> policy_value(std::span<const Element> elements, std::uint32_t tag,
                                         std::uint8_t fallback) {
    const auto* const found = find(elements, tag);
    if (found == nullptr) {
        return fallback;
    }
    if (found->value.size() != 1 || found->value[0] > 3) {
        return std::nullopt;
    }
    return found->value[0] == 0 ? fallback : found->value[0];
}

PinPolicy default_pin_policy(std::uint8_t reference) {
    if (reference == signature_slot) {
        return PinPolicy::always;
    }
    return reference == card_authentication_slot ? PinPolicy::never : PinPolicy::once;
}

}  // namespace

bool is_retired(std::uint8_t reference) {
    return reference >= 0x82 && reference <= 0x95;
}

bool is_key_management(std::uint8_t reference) {
    return reference == 0x9D || is_retired(reference);
}

bool is_key_reference(std::uint8_t reference) {
    return reference == 0x9A || (reference >= 0x9C && reference <= 0x9E) || is_retired(reference);
}

bool supports(const Applet& applet, KeyAlgorithm algorithm) {
    switch (algorithm) {
        case KeyAlgorithm::rsa_1024:
        case KeyAlgorithm::rsa_2048:
        case KeyAlgorithm::p256:
        case KeyAlgorithm::p384:
            return true;
        case KeyAlgorithm::rsa_3072:
            return !applet.settings().vendor_commands || applet.has_version({5, 7, 0});
        case KeyAlgorithm::rsa_4096:
        case KeyAlgorithm::ed25519:
        case KeyAlgorithm::x25519:
            return applet.settings().vendor_commands && applet.has_version({5, 7, 0});
    }
    return false;
}

std::optional<Policies> policies_for(std::uint8_t reference, std::span<const Element> elements) {
    const auto pin = policy_value(elements, 0xAA, static_cast<std::uint8_t>(default_pin_policy(reference)));
    const auto touch = policy_value(elements, 0xAB, static_cast<std::uint8_t>(TouchPolicy::never));
    if (!pin || !touch) {
        return std::nullopt;
    }
    return Policies{static_cast<PinPolicy>(*pin), static_cast<TouchPolicy>(*touch)};
}

}  // namespace signet::test::piv_card
