#include "pkcs11/module/return_values.h"

namespace signet::module {
namespace {

// Return values of the token's own module that say something about the caller's input pass; all else is the
// device's trouble. CKR_PIN_INCORRECT and its like never pass: programs would ask for a PIN themselves.
CK_RV driver_return_value(std::int64_t code) {
    switch (code) {
        case CKR_DATA_INVALID:
        case CKR_DATA_LEN_RANGE:
        case CKR_ENCRYPTED_DATA_INVALID:
        case CKR_ENCRYPTED_DATA_LEN_RANGE:
        case CKR_KEY_FUNCTION_NOT_PERMITTED:
        case CKR_KEY_SIZE_RANGE:
        case CKR_MECHANISM_INVALID:
        case CKR_MECHANISM_PARAM_INVALID:
        case CKR_DEVICE_MEMORY:
            return static_cast<CK_RV>(code);
        default:
            return CKR_DEVICE_ERROR;
    }
}

}  // namespace

CK_RV return_value(const Error& error) {
    switch (error.code) {
        // The agent has asked as often as the person wanted to answer: the program must not ask again, as
        // programs do after CKR_PIN_INCORRECT.
        case ErrorCode::pin_incorrect:
        case ErrorCode::cancelled:
            return CKR_FUNCTION_CANCELED;
        case ErrorCode::pin_blocked:
            return CKR_PIN_LOCKED;
        case ErrorCode::pin_required:
            return CKR_USER_NOT_LOGGED_IN;
        case ErrorCode::not_allowed:
            return CKR_FUNCTION_REJECTED;
        case ErrorCode::token_removed:
        case ErrorCode::token_not_found:
        case ErrorCode::agent_unavailable:
            return CKR_DEVICE_REMOVED;
        case ErrorCode::key_not_found:
            return CKR_KEY_HANDLE_INVALID;
        case ErrorCode::unsupported:
            return CKR_MECHANISM_INVALID;
        case ErrorCode::driver_failed:
            return driver_return_value(error.native_code);
        case ErrorCode::timeout:
        case ErrorCode::protocol:
        case ErrorCode::input_output:
            return CKR_DEVICE_ERROR;
        case ErrorCode::invalid_parameter:
            return CKR_ARGUMENTS_BAD;
        case ErrorCode::too_large:
            return CKR_DATA_LEN_RANGE;
        default:
            return CKR_FUNCTION_FAILED;
    }
}

}  // namespace signet::module
