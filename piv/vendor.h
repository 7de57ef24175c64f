#pragma once

#include "base/token_terms.h"
#include "piv/commands.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

// What Yubico's cards tell of themselves beyond the standard. PIV applets of others know some of it.
namespace signet::piv {

using Version = std::array<std::uint8_t, 3>;
std::string text_of(const Version& version);  // "5.4.3"

inline constexpr Version first_version_with_metadata{5, 3, 0};
// Which also deletes them.
inline constexpr Version first_version_with_moving_keys{5, 7, 0};

// Both: unsupported where the card does not know the command.
Result<Version> firmware_version(const Card& card);
Result<std::uint32_t> serial_number(const Card& card);

// What GET METADATA tells of a key, a PIN or the management key. All but the algorithm is optional.
struct Metadata {
    std::uint8_t algorithm = 0;  // as in Algorithm; 0xff: a PIN
    std::optional<KeyPinPolicy> pin_policy;
    std::optional<KeyTouchPolicy> touch_policy;
    std::optional<KeyOrigin> origin;
    Bytes public_key;  // 81 and 82, or 86, as GENERATE ASYMMETRIC KEY PAIR answers
    std::optional<bool> is_default;
    std::optional<int> tries_total;
    std::optional<int> tries_left;
};
Result<Metadata> metadata_of(ByteView answer);

// The answer as the card gives it, for metadata_of(). `reference`: a key, 0x80, 0x81 or 0x9b. key_not_found:
// there is no such key. unsupported: the card has no such command.
Result<Bytes> get_metadata(const Card& card, std::uint8_t reference);

}  // namespace signet::piv
