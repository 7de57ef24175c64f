#pragma once

#include "base/secret.h"
#include "pkcs11/driver/session.h"

namespace signet::pkcs11 {

// C_Login, once. `pin` null means that the token's own pin pad asks. Logged in already is success. After a
// refused PIN the error says how many tries are left, where the token tells.
Result<void> log_in(const Session& session, CK_USER_TYPE user, const Secret* pin);

}  // namespace signet::pkcs11
