#pragma once

#include "tests/support/piv_card/block_cipher.h"
#include "tests/support/piv_card/keys.h"

#include <array>
#include <filesystem>
#include <map>
#include <string>

namespace signet::test::piv_card {

// A PIN or PUK, padded with FF to eight octets.
struct ReferenceData {
    Bytes value;
    int tries_left = 3;
    int tries = 3;
    bool is_default = true;
};

enum class KeyOrigin : std::uint8_t { generated = 1, imported = 2 };
// Yubico's AA and AB.
enum class PinPolicy : std::uint8_t { never = 1, once = 2, always = 3 };
enum class TouchPolicy : std::uint8_t { never = 1, always = 2, cached = 3 };

struct KeySlot {
    PrivateKey key;
    KeyOrigin origin = KeyOrigin::generated;
    PinPolicy pin_policy = PinPolicy::once;
    TouchPolicy touch_policy = TouchPolicy::never;
};

struct ManagementKey {
    CipherAlgorithm algorithm = CipherAlgorithm::triple_des;
    Bytes value;
    TouchPolicy touch_policy = TouchPolicy::never;
    bool is_default = true;
};

using Version = std::array<std::uint8_t, 3>;

// What a card keeps without power.
struct CardState {
    std::uint32_t serial = 0;
    Version version{};
    ReferenceData pin;
    ReferenceData puk;
    ReferenceData global_pin;
    ManagementKey management_key;
    std::map<std::uint8_t, KeySlot> keys;    // by key reference
    std::map<std::uint32_t, Bytes> objects;  // by tag; what stands in 53, or in 7E
    Bytes attestation_root;                  // certificate, DER; its key is gone
};

inline constexpr std::uint8_t attestation_slot = 0xF9;
inline constexpr std::uint32_t attestation_object = 0x5FFF01;

ReferenceData reference_data(std::string_view text, int tries = 3);

// As a maker delivers it: PIN 123456, PUK 12345678, global PIN 87654321, the management key of 24 octets that
// everybody knows (3DES, from version 5.7 on AES-192), and an attestation key with its certificate.
CardState new_card(std::uint32_t serial, Version version);
// Removes PIN, PUK, keys and objects; what belongs to the attestation stays.
void reset_to_factory(CardState& state);

// A text file, replaced as a whole.
void save(const CardState& state, const std::filesystem::path& path);
CardState load(const std::filesystem::path& path);

}  // namespace signet::test::piv_card
