#include "pkcs11/driver/login.h"

#include "pkcs11/driver/error.h"
#include "pkcs11/driver/token_info.h"

namespace signet::pkcs11 {
namespace {

Error with_tries_left(Error error, const Session& session) {
    const auto info = read_token_info(session.functions(), session.slot());
    if (!info) {
        return error;
    }
    if (info->has(CKF_USER_PIN_LOCKED)) {
        error.code = ErrorCode::pin_blocked;
    } else if (info->has(CKF_USER_PIN_FINAL_TRY)) {
        error.tries_left = 1;
    }
    return error;
}

}  // namespace

Result<void> log_in(const Session& session, CK_USER_TYPE user, const Secret* pin) {
    // Cryptoki takes the PIN through a pointer that is not const, and does not write.
    auto* octets = pin != nullptr ? const_cast<CK_UTF8CHAR*>(pin->expose().data()) : nullptr;
    const CK_ULONG length = pin != nullptr ? pin->size() : 0;
    CK_RV value = session.functions().C_Login(session.handle(), user, octets, length);
    if (value == CKR_USER_ALREADY_LOGGED_IN && user == CKU_USER) {
        // That says nothing about this PIN, and the agent keeps what was accepted.
        (void)session.functions().C_Logout(session.handle());
        value = session.functions().C_Login(session.handle(), user, octets, length);
    }
    if (value == CKR_OK) {
        return {};
    }
    Error error = to_error("C_Login", value);
    if (error.code == ErrorCode::pin_incorrect) {
        error = with_tries_left(std::move(error), session);
    }
    return Failure(std::move(error));
}

}  // namespace signet::pkcs11
