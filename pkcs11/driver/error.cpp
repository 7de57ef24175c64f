#include "pkcs11/driver/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace signet::pkcs11 {
namespace {

struct ReturnValue {
    CK_RV value;
    std::string_view name;
    ErrorCode code;
};

constexpr std::array return_values{
    ReturnValue{CKR_HOST_MEMORY, "CKR_HOST_MEMORY", ErrorCode::driver_failed},
    ReturnValue{CKR_SLOT_ID_INVALID, "CKR_SLOT_ID_INVALID", ErrorCode::token_removed},
    ReturnValue{CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR", ErrorCode::driver_failed},
    ReturnValue{CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED", ErrorCode::driver_failed},
    ReturnValue{CKR_ARGUMENTS_BAD, "CKR_ARGUMENTS_BAD", ErrorCode::driver_failed},
    ReturnValue{CKR_NO_EVENT, "CKR_NO_EVENT", ErrorCode::unsupported},
    ReturnValue{CKR_CANT_LOCK, "CKR_CANT_LOCK", ErrorCode::driver_failed},
    ReturnValue{CKR_ATTRIBUTE_TYPE_INVALID, "CKR_ATTRIBUTE_TYPE_INVALID", ErrorCode::driver_failed},
    ReturnValue{CKR_ATTRIBUTE_VALUE_INVALID, "CKR_ATTRIBUTE_VALUE_INVALID", ErrorCode::driver_failed},
    ReturnValue{CKR_DATA_INVALID, "CKR_DATA_INVALID", ErrorCode::driver_failed},
    ReturnValue{CKR_DATA_LEN_RANGE, "CKR_DATA_LEN_RANGE", ErrorCode::driver_failed},
    ReturnValue{CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR", ErrorCode::driver_failed},
    ReturnValue{CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY", ErrorCode::driver_failed},
    ReturnValue{CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED", ErrorCode::token_removed},
    ReturnValue{CKR_ENCRYPTED_DATA_INVALID, "CKR_ENCRYPTED_DATA_INVALID", ErrorCode::driver_failed},
    ReturnValue{CKR_ENCRYPTED_DATA_LEN_RANGE, "CKR_ENCRYPTED_DATA_LEN_RANGE", ErrorCode::driver_failed},
    ReturnValue{CKR_FUNCTION_CANCELED, "CKR_FUNCTION_CANCELED", ErrorCode::cancelled},
    ReturnValue{CKR_FUNCTION_NOT_SUPPORTED, "CKR_FUNCTION_NOT_SUPPORTED", ErrorCode::unsupported},
    ReturnValue{CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID", ErrorCode::key_not_found},
    ReturnValue{CKR_KEY_SIZE_RANGE, "CKR_KEY_SIZE_RANGE", ErrorCode::unsupported},
    ReturnValue{CKR_KEY_TYPE_INCONSISTENT, "CKR_KEY_TYPE_INCONSISTENT", ErrorCode::unsupported},
    ReturnValue{CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED", ErrorCode::unsupported},
    ReturnValue{CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID", ErrorCode::unsupported},
    ReturnValue{CKR_MECHANISM_PARAM_INVALID, "CKR_MECHANISM_PARAM_INVALID", ErrorCode::unsupported},
    ReturnValue{CKR_OBJECT_HANDLE_INVALID, "CKR_OBJECT_HANDLE_INVALID", ErrorCode::key_not_found},
    ReturnValue{CKR_OPERATION_ACTIVE, "CKR_OPERATION_ACTIVE", ErrorCode::driver_failed},
    ReturnValue{CKR_OPERATION_NOT_INITIALIZED, "CKR_OPERATION_NOT_INITIALIZED", ErrorCode::driver_failed},
    ReturnValue{CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT", ErrorCode::pin_incorrect},
    ReturnValue{CKR_PIN_INVALID, "CKR_PIN_INVALID", ErrorCode::pin_incorrect},
    ReturnValue{CKR_PIN_LEN_RANGE, "CKR_PIN_LEN_RANGE", ErrorCode::pin_incorrect},
    ReturnValue{CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED", ErrorCode::not_allowed},
    ReturnValue{CKR_PIN_LOCKED, "CKR_PIN_LOCKED", ErrorCode::pin_blocked},
    ReturnValue{CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED", ErrorCode::token_removed},
    ReturnValue{CKR_SESSION_COUNT, "CKR_SESSION_COUNT", ErrorCode::driver_failed},
    ReturnValue{CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID", ErrorCode::token_removed},
    ReturnValue{CKR_TEMPLATE_INCOMPLETE, "CKR_TEMPLATE_INCOMPLETE", ErrorCode::driver_failed},
    ReturnValue{CKR_TEMPLATE_INCONSISTENT, "CKR_TEMPLATE_INCONSISTENT", ErrorCode::driver_failed},
    ReturnValue{CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT", ErrorCode::token_removed},
    ReturnValue{CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED", ErrorCode::token_removed},
    ReturnValue{CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN", ErrorCode::pin_required},
    ReturnValue{CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED", ErrorCode::not_allowed},
    ReturnValue{CKR_USER_TYPE_INVALID, "CKR_USER_TYPE_INVALID", ErrorCode::not_allowed},
    ReturnValue{CKR_USER_ANOTHER_ALREADY_LOGGED_IN, "CKR_USER_ANOTHER_ALREADY_LOGGED_IN",
                ErrorCode::not_allowed},
    ReturnValue{CKR_BUFFER_TOO_SMALL, "CKR_BUFFER_TOO_SMALL", ErrorCode::driver_failed},
    ReturnValue{CKR_DOMAIN_PARAMS_INVALID, "CKR_DOMAIN_PARAMS_INVALID", ErrorCode::unsupported},
    ReturnValue{CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED", ErrorCode::driver_failed},
    ReturnValue{CKR_FUNCTION_REJECTED, "CKR_FUNCTION_REJECTED", ErrorCode::cancelled},
};

template <std::size_t count>
bool is_one_of(const Error& error, const std::array<CK_RV, count>& values) {
    return std::find(values.begin(), values.end(), static_cast<CK_RV>(error.native_code)) != values.end();
}

}  // namespace

Error to_error(std::string_view operation, CK_RV value) {
    const auto* known = std::find_if(return_values.begin(), return_values.end(),
                                     [value](const ReturnValue& entry) { return entry.value == value; });
    const bool found = known != return_values.end();
    return Error{.code = found ? known->code : ErrorCode::driver_failed,
                 .operation = std::string(operation),
                 .detail = found ? fmt::format("{}: {}", operation, known->name)
                                 : fmt::format("{}: return value {:#x}", operation, value),
                 .native_code = static_cast<std::int64_t>(value)};
}

Failure nonsense(std::string_view operation, std::string_view detail) {
    return failure(ErrorCode::driver_failed, std::string(operation),
                   fmt::format("{}: the module answered nonsense ({})", operation, detail));
}

bool is_stale(const Error& error) {
    return is_one_of(
        error, std::array<CK_RV, 7>{CKR_KEY_HANDLE_INVALID, CKR_OBJECT_HANDLE_INVALID,
                                    CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED, CKR_OPERATION_ACTIVE,
                                    CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT});
}

bool is_refused_mechanism(const Error& error) {
    const bool at_the_start = error.operation == "C_SignInit" || error.operation == "C_DecryptInit";
    return at_the_start &&
           is_one_of(error,
                     std::array<CK_RV, 5>{CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID,
                                          CKR_ARGUMENTS_BAD, CKR_FUNCTION_NOT_SUPPORTED, CKR_KEY_SIZE_RANGE});
}

bool is_refused_ciphertext(const Error& error) {
    return error.operation == "C_Decrypt" &&
           is_one_of(error, std::array<CK_RV, 4>{CKR_ENCRYPTED_DATA_INVALID, CKR_ENCRYPTED_DATA_LEN_RANGE,
                                                 CKR_DATA_INVALID, CKR_DATA_LEN_RANGE});
}

bool may_mean_bad_padding(const Error& error) {
    return is_refused_ciphertext(error) ||
           (error.operation == "C_Decrypt" &&
            is_one_of(error, std::array<CK_RV, 3>{CKR_FUNCTION_FAILED, CKR_GENERAL_ERROR, CKR_DEVICE_ERROR}));
}

}  // namespace signet::pkcs11
