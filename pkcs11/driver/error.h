#pragma once

#include "base/result.h"
#include "pkcs11/driver/cryptoki.h"

#include <string>
#include <string_view>

namespace signet::pkcs11 {

// The one place where Cryptoki's return values become errors. `operation` is the function's name.
Error to_error(std::string_view operation, CK_RV value);
inline Failure failed(std::string_view operation, CK_RV value) {
    return Failure(to_error(operation, value));
}
inline Result<void> check(std::string_view operation, CK_RV value) {
    if (value != CKR_OK) {
        return failed(operation, value);
    }
    return {};
}

// A module whose answer cannot be true.
Failure nonsense(std::string_view operation, std::string_view detail);

// The session or an object handle is no longer what it was: worth opening a session anew once.
bool is_stale(const Error& error);
// The module did not start an operation because it lacks the mechanism, or these parameters of it: another
// way may be tried, no PIN is spent yet.
bool is_refused_mechanism(const Error& error);
// What C_Decrypt answers to a ciphertext that it does not take.
bool is_refused_ciphertext(const Error& error);
// The same, or one of the general failures that some modules give for bad padding.
bool may_mean_bad_padding(const Error& error);

}  // namespace signet::pkcs11
