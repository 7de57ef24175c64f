#pragma once

#include "base/algorithms.h"
#include "base/bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What a token, its keys and its certificates are, whatever driver found them; and what can be asked of a
// key.
namespace signet::token {

enum class PinState : std::uint8_t { ok, low, final_try, blocked, not_set };

struct Key {
    std::string id;  // x509::key_identifier of public_key_info
    KeyType type{};
    std::uint32_t bits = 0;
    std::string curve;  // with ec: dotted object identifier
    Bytes public_key_info;
    std::string label;
    Bytes object_id;
    std::vector<SignatureScheme> signature_schemes;
    std::vector<DecryptionScheme> decryption_schemes;
    bool derive = false;
    bool login_required = false;       // before its use
    bool always_authenticate = false;  // a PIN for each use
    bool touch = false;                // a finger for each use, or for the first of several
};

struct Certificate {
    Bytes der;
    std::string label;
    Bytes object_id;
    std::string key;  // Key::id of the key on the same token, or empty
    std::string subject;
    std::vector<std::string> emails;
    std::string not_before;
    std::string not_after;
};

struct Token {
    std::string id;  // printable ASCII without blanks; never a slot number
    std::string label;
    std::string manufacturer;
    std::string model;
    std::string serial;
    std::string reader;  // in which it is; empty where the driver does not tell
    bool login_required = false;
    bool pin_pad = false;
    PinState pin = PinState::ok;
    std::vector<Key> keys;
    std::vector<Certificate> certificates;
};

struct SignRequest {
    SignatureScheme scheme{};
    std::optional<HashAlgorithm> hash;
    Bytes data;
    bool data_is_message = false;  // else a digest, or for rsa_pkcs1 without hash an encoded DigestInfo
    std::optional<HashAlgorithm> mask_hash;
    std::optional<std::uint32_t> salt_length;
};

struct DecryptRequest {
    DecryptionScheme scheme{};
    Bytes ciphertext;
    std::optional<HashAlgorithm> hash;
    std::optional<HashAlgorithm> mask_hash;
    Bytes label;
};

struct DeriveRequest {
    Bytes public_key;
    std::optional<HashAlgorithm> kdf_hash;
    Bytes shared_info;
    std::optional<std::uint32_t> length;
};

}  // namespace signet::token
