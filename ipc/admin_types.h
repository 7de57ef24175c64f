#pragma once

#include "base/bytes.h"
#include "base/environment.h"
#include "base/token_terms.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The types of org.signet.admin; the .varlink file says what each field means.
namespace signet::ipc {

struct SlotDetails {
    std::string slot;
    std::optional<KeyAlgorithm> algorithm;
    Bytes public_key_info;
    Bytes certificate;
    std::optional<KeyPinPolicy> pin_policy;
    std::optional<KeyTouchPolicy> touch_policy;
    std::optional<KeyOrigin> origin;
    bool unclaimed = false;

    bool operator==(const SlotDetails&) const = default;
};

struct PinDetails {
    std::optional<std::uint32_t> tries_left;
    std::optional<std::uint32_t> tries_total;
    std::optional<bool> is_default;

    bool operator==(const PinDetails&) const = default;
};

struct TokenDetails {
    std::string id;
    std::string model;
    std::string serial;
    std::string firmware;
    std::string application;
    std::string reader;
    std::string guid;
    std::string expiration_date;
    Authorization authorization{};
    std::optional<ManagementAlgorithm> management_algorithm;
    std::optional<bool> management_key_is_default;
    PinDetails pin;
    PinDetails unblocking;
    bool pin_pad = false;
    bool moves_keys = false;
    std::vector<SlotDetails> slots;

    bool operator==(const TokenDetails&) const = default;
};

struct PlacedKey {
    std::string slot;
    Bytes public_key_info;
    bool was_there = false;

    bool operator==(const PlacedKey&) const = default;
};

enum class AdminMethod : std::uint8_t {
    show,
    change_pin,
    unblock_pin,
    set_management_key,
    protect_management_key,
    set_retries,
    generate_key,
    import_key,
    store_certificate,
    delete_certificate,
    move_key,
    delete_key,
    attest,
    get_object,
    put_object,
    personalize,
    reset,
};

constexpr std::string_view name_of(AdminMethod method) {
    constexpr std::string_view names[] = {
        "Show",        "ChangePin",   "UnblockPin", "SetManagementKey", "ProtectManagementKey",
        "SetRetries",  "GenerateKey", "ImportKey",  "StoreCertificate", "DeleteCertificate",
        "MoveKey",     "DeleteKey",   "Attest",     "GetObject",        "PutObject",
        "Personalize", "Reset"};
    return names[static_cast<std::size_t>(method)];
}

// The token is changed, and wants to know by whom.
constexpr bool wants_authorization(AdminMethod method) {
    switch (method) {
        case AdminMethod::show:
        case AdminMethod::change_pin:
        case AdminMethod::unblock_pin:
        case AdminMethod::attest:
        case AdminMethod::get_object:
        case AdminMethod::reset:
            return false;
        default:
            return true;
    }
}

// A person may have to be asked.
constexpr bool wants_secrets(AdminMethod method) {
    return wants_authorization(method) || method == AdminMethod::change_pin ||
           method == AdminMethod::unblock_pin;
}

// The token's PIN may have to be asked for first.
constexpr bool may_want_unlocking(AdminMethod method) {
    return wants_secrets(method) || method == AdminMethod::get_object;
}

// Its PIN can be passed for that.
constexpr bool takes_pin_to_unlock(AdminMethod method) {
    return method == AdminMethod::store_certificate || method == AdminMethod::import_key ||
           method == AdminMethod::get_object;
}

// What a passed descriptor of a call holds.
enum class AdminSecret : std::uint8_t {
    authorization,
    old_pin,
    unblocking,
    pin,
    new_pin,
    new_key,
    pkcs12,
    password,
    private_key,
};

// One that the token has from then on.
constexpr bool is_new(AdminSecret secret) {
    return secret == AdminSecret::new_pin || secret == AdminSecret::new_key;
}

constexpr std::string_view name_of(AdminSecret secret) {
    constexpr std::string_view names[] = {"authorization", "old_pin", "unblocking", "pin",        "new_pin",
                                          "new_key",       "pkcs12",  "password",   "private_key"};
    return names[static_cast<std::size_t>(secret)];
}

// The index of a passed descriptor for each secret that is passed.
class PassedSecrets {
  public:
    static constexpr std::size_t count = static_cast<std::size_t>(AdminSecret::private_key) + 1;

    std::optional<std::uint32_t>& operator[](AdminSecret secret) { return m_indices[index(secret)]; }
    const std::optional<std::uint32_t>& operator[](AdminSecret secret) const {
        return m_indices[index(secret)];
    }
    bool operator==(const PassedSecrets&) const = default;

  private:
    static constexpr std::size_t index(AdminSecret secret) { return static_cast<std::size_t>(secret); }

    std::array<std::optional<std::uint32_t>, count> m_indices;
};

// A call of any method; of the fields below those are used that the method has.
struct AdminCall {
    AdminMethod method{};
    std::string token{};                       // empty: the only one that is present
    std::optional<Environment> environment{};  // to the agent
    PassedSecrets secrets{};

    PinKind kind{};
    std::string slot{};
    std::string target{};
    std::optional<KeyAlgorithm> algorithm{};
    std::optional<ManagementAlgorithm> management_algorithm{};
    bool touch = false;
    std::uint32_t pin_tries = 0;
    std::uint32_t unblocking_tries = 0;
    std::optional<KeyPinPolicy> pin_policy{};
    std::optional<KeyTouchPolicy> touch_policy{};
    std::string label{};
    bool overwrite = false;
    Bytes certificate{};
    std::string object{};
    Bytes content{};
};

// What the methods answer: nothing, or what Show, GenerateKey and ImportKey, Attest, and GetObject do.
struct Attestation {
    std::vector<Bytes> certificates;
};
struct ObjectContent {
    Bytes content;
};
using AdminReply = std::variant<std::monostate, TokenDetails, PlacedKey, Attestation, ObjectContent>;

}  // namespace signet::ipc
