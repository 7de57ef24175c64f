#pragma once

#include "pkcs11/driver/module.h"
#include "pkcs11/driver/token_info.h"

#include <string>
#include <vector>

namespace signet::pkcs11 {

// An initialised token that was found in a slot.
struct PresentToken {
    CK_SLOT_ID slot = 0;
    TokenInfo info;
    std::string id;

    // Its private keys are hidden until somebody logs in.
    [[nodiscard]] bool login_required() const { return info.has(CKF_LOGIN_REQUIRED); }
    [[nodiscard]] bool pin_pad() const { return info.has(CKF_PROTECTED_AUTHENTICATION_PATH); }
};

// All tokens that can be told apart. One without serial number is named by its first public key, and left out
// when it has none. Tokens that claim to be the same one are all left out: no PIN may reach the wrong one.
Result<std::vector<PresentToken>> present_tokens(const Module& module);

// Looks at every slot anew: a slot's number says nothing about what is in it now.
Result<PresentToken> find_token(const Module& module, const std::string& id);

}  // namespace signet::pkcs11
