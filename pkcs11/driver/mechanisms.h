#pragma once

#include "pkcs11/driver/cryptoki.h"
#include "token/description.h"

#include <map>

namespace signet::pkcs11 {

// What a slot's mechanisms can do.
class Mechanisms {
  public:
    // None, when the module does not answer sensibly.
    static Mechanisms read(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot);

    [[nodiscard]] bool can(CK_MECHANISM_TYPE mechanism, CK_FLAGS flag) const;

  private:
    std::map<CK_MECHANISM_TYPE, CK_FLAGS> m_flags;
};

// What the attributes of a key's objects allow.
struct KeyUsage {
    bool sign = true;
    bool decrypt = true;
    bool derive = true;
};

// Fills what the key can be asked for: what the token does, with the paddings that are added here.
void set_capabilities(token::Key& key, const Mechanisms& mechanisms, const KeyUsage& usage);

}  // namespace signet::pkcs11
