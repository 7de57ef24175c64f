#pragma once

#include "tests/support/piv_card/applet.h"
#include "tests/support/piv_card/tlv.h"

namespace signet::test::piv_card {

// 9A, 9C, 9D, 9E, or 82 to 95.
bool is_key_reference(std::uint8_t reference);
bool is_retired(std::uint8_t reference);
// 9D and the retired keys.
bool is_key_management(std::uint8_t reference);

// The card does keys of this algorithm; Yubico's depend on its version.
bool supports(const Applet& applet, KeyAlgorithm algorithm);

struct Policies {
    PinPolicy pin;
    TouchPolicy touch;
};
// From AA and AB among the elements, else what the slot has by default; nothing where a value is unknown.
std::optional<Policies> policies_for(std::uint8_t reference, std::span<const Element> elements);

}  // namespace signet::test::piv_card
