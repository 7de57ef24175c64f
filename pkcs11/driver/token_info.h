#pragma once

#include "base/result.h"
#include "pkcs11/driver/cryptoki.h"
#include "token/description.h"

#include <string>

namespace signet::pkcs11 {

// What C_GetTokenInfo says, in clean text.
struct TokenInfo {
    std::string label;
    std::string manufacturer;
    std::string model;
    std::string serial;    // empty when the token has none: blank or nothing but zeros
    std::string firmware;  // "2.6"; empty: not told
    CK_ULONG shortest_pin = 0;
    CK_ULONG longest_pin = 0;
    CK_FLAGS flags = 0;

    [[nodiscard]] bool has(CK_FLAGS flag) const { return (flags & flag) != 0; }
    [[nodiscard]] token::PinState pin_state() const;
};

Result<TokenInfo> read_token_info(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot);

// Manufacturer, model and serial number, percent-encoded and joined by colons: two vendors' equal serial
// numbers stay apart.
std::string identity_from_serial(const TokenInfo& info);
std::string identity_from_key(const std::string& key_id);

}  // namespace signet::pkcs11
