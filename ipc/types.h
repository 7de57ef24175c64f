#pragma once

#include "base/algorithms.h"
#include "base/bytes.h"
#include "base/environment.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The types of org.signet.agent and org.signet.token; the .varlink files say what each field means.
namespace signet::ipc {

enum class PinState : std::uint8_t { ok, low, final_try, blocked, not_set };

struct Key {
    std::string id;
    KeyType type{};
    std::uint32_t bits = 0;
    std::string curve;
    Bytes public_key_info;
    std::string label;
    Bytes object_id;
    std::vector<SignatureScheme> signature_schemes;
    std::vector<DecryptionScheme> decryption_schemes;
    bool derive = false;
    bool login_required = false;
    bool always_authenticate = false;
    bool touch = false;

    bool operator==(const Key&) const = default;
};

struct Certificate {
    Bytes der;
    std::string label;
    Bytes object_id;
    std::string key;
    std::string subject;
    std::vector<std::string> emails;
    std::string not_before;
    std::string not_after;

    bool operator==(const Certificate&) const = default;
};

struct Token {
    std::string id;
    std::string label;
    std::string manufacturer;
    std::string model;
    std::string serial;
    std::string reader{};  // empty: not in a reader, or not told
    bool login_required = false;
    bool pin_pad = false;
    PinState pin = PinState::ok;
    std::vector<Key> keys;
    std::vector<Certificate> certificates;
    // Known to the agent only, and absent from org.signet.token.
    std::string module;
    std::optional<std::uint32_t> slot;
    bool unlocked = false;

    bool operator==(const Token&) const = default;
};

struct ModuleFailure {
    std::string module;
    std::string detail;

    bool operator==(const ModuleFailure&) const = default;
};

struct Inventory {
    std::int64_t generation = 0;
    std::optional<std::vector<Token>> tokens;  // nothing: unchanged since the generation asked about
    std::vector<ModuleFailure> failures;
};

struct HostInventory {
    std::vector<Token> tokens;
    bool waits_for_events = false;
    bool one_at_a_time = false;
};

enum class ChangeKind : std::uint8_t {
    token_inserted,
    token_removed,
    token_changed,
    token_unlocked,
    token_locked,
    pin_blocked,
    touch_needed,
};

struct Change {
    ChangeKind kind{};
    std::string token;
};

struct WatchReply {
    std::int64_t generation = 0;
    std::optional<Change> change;
};

constexpr std::string_view name_of(PinState state) {
    constexpr std::string_view names[] = {"ok", "low", "final_try", "blocked", "not_set"};
    return names[static_cast<std::size_t>(state)];
}
constexpr std::string_view name_of(ChangeKind kind) {
    constexpr std::string_view names[] = {"token_inserted", "token_removed", "token_changed",
                                          "token_unlocked", "token_locked",  "pin_blocked",
                                          "touch_needed"};
    return names[static_cast<std::size_t>(kind)];
}

// Which key an operation uses, and what it may need to be allowed to.
struct KeyUse {
    std::string token;
    std::string key;
    std::optional<Environment> environment{};  // to the agent
    std::optional<std::uint32_t> pin{};        // index of a passed descriptor; to the agent only for Sign
};

// How the person may be asked before a signature; to the agent.
struct Asking {
    bool confirm = false;                         // for consent to this use, besides the PIN
    bool no_pin_prompt = false;                   // pin_required instead
    std::optional<std::uint32_t> on_behalf_of{};  // pid of the caller's own client
    std::string purpose{};                        // what the caller says that it is for; empty: nothing
};

struct SignCall {
    KeyUse use;
    SignatureScheme scheme{};
    std::optional<HashAlgorithm> hash{};
    Bytes data{};
    bool data_is_message = false;  // sent as "message", else as "digest"
    std::optional<HashAlgorithm> mask_hash{};
    std::optional<std::uint32_t> salt_length{};
    Asking asking{};
};

struct DecryptCall {
    KeyUse use;
    DecryptionScheme scheme{};
    Bytes ciphertext{};
    std::optional<HashAlgorithm> hash{};
    std::optional<HashAlgorithm> mask_hash{};
    Bytes label{};
};

struct DeriveCall {
    KeyUse use;
    Bytes public_key{};
    std::optional<HashAlgorithm> kdf_hash{};
    Bytes shared_info{};
    std::optional<std::uint32_t> length{};
};

struct UnlockCall {
    std::optional<std::string> token;
    std::optional<std::uint32_t> pin;
    std::optional<Environment> environment;
};

struct LockCall {
    std::optional<std::string> token;
};

struct LoginCall {
    std::string token;
    std::optional<std::uint32_t> pin;
};

}  // namespace signet::ipc
