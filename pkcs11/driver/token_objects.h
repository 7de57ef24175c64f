#pragma once

#include "pkcs11/driver/mechanisms.h"
#include "pkcs11/driver/session.h"
#include "token/description.h"
#include "token/public_key.h"

#include <optional>
#include <vector>

namespace signet::pkcs11 {

// A key as the token's objects tell of it.
struct KeyEntry {
    token::Key key;
    token::PublicKey public_key;
    std::optional<CK_OBJECT_HANDLE> private_handle;  // unknown before the login on most tokens
};

struct TokenObjects {
    std::vector<KeyEntry> keys;
    std::vector<token::Certificate> certificates;
};

// Reads all objects. Public keys and certificates of end entities name the keys; they are joined with private
// keys by modulus (RSA), or by CKA_ID, key type and curve. When `private_keys_visible`, only what has a
// private key is listed. An object that makes no sense is left out.
Result<TokenObjects> read_objects(const Session& session, const Mechanisms& mechanisms,
                                  bool private_keys_visible);

// Key::id of the first public key in the order of CKA_ID; nothing when there is none.
Result<std::optional<std::string>> first_public_key(const Session& session);

}  // namespace signet::pkcs11
