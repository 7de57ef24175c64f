#pragma once

#include "base/token_terms.h"
#include "piv/commands.h"
#include "token/public_key.h"

#include <compare>

// What Yubico's cards tell of themselves, and those that copied them. unsupported: the card has no such
// command.
namespace signet::piv {

struct Firmware {
    std::uint8_t major = 0;
    std::uint8_t minor = 0;
    std::uint8_t patch = 0;

    [[nodiscard]] std::string text() const;  // "5.4.3"
    friend auto operator<=>(const Firmware&, const Firmware&) = default;
};

namespace firmware {
inline constexpr Firmware with_attestation{4, 3, 0};
inline constexpr Firmware with_metadata{5, 3, 0};
inline constexpr Firmware with_aes_management_keys{5, 4, 0};
inline constexpr Firmware with_moving_keys{5, 7, 0};
}  // namespace firmware

Result<Firmware> read_firmware(const Card& card);
Result<std::uint32_t> read_serial(const Card& card);

struct KeyMetadata {
    std::optional<KeyAlgorithm> algorithm;       // nothing: one that has no name here, such as RSA-1024
    std::optional<token::PublicKey> public_key;  // nothing: not told, or of such an algorithm
    std::optional<KeyPinPolicy> pin_policy;
    std::optional<KeyTouchPolicy> touch_policy;
    std::optional<KeyOrigin> origin;
};
// key_not_found: no key is there.
Result<KeyMetadata> read_key_metadata(const Card& card, KeyReference key);

struct ManagementMetadata {
    ManagementAlgorithm algorithm{};
    std::optional<KeyTouchPolicy> touch_policy;
    std::optional<bool> is_default;
};
Result<ManagementMetadata> read_management_metadata(const Card& card);

struct PinMetadata {
    std::optional<bool> is_default;
    std::optional<int> tries_total;
    std::optional<int> tries_left;
};
// Of the application PIN or the PUK.
Result<PinMetadata> read_pin_metadata(const Card& card, PinReference reference);

// The answers of GET METADATA, which are the card's and hostile.
Result<KeyMetadata> key_metadata_of(ByteView answer);
Result<ManagementMetadata> management_metadata_of(ByteView answer);
Result<PinMetadata> pin_metadata_of(ByteView answer);

}  // namespace signet::piv
