#include "base/error.h"

#include <system_error>
#include <utility>

namespace signet {

std::string_view error_name(ErrorCode code) {
    switch (code) {
        case ErrorCode::pin_incorrect:
            return "PinIncorrect";
        case ErrorCode::pin_blocked:
            return "PinBlocked";
        case ErrorCode::pin_required:
            return "PinRequired";
        case ErrorCode::cancelled:
            return "Cancelled";
        case ErrorCode::not_allowed:
            return "NotAllowed";
        case ErrorCode::token_removed:
            return "TokenRemoved";
        case ErrorCode::token_not_found:
            return "TokenNotFound";
        case ErrorCode::key_not_found:
            return "KeyNotFound";
        case ErrorCode::unsupported:
            return "Unsupported";
        case ErrorCode::driver_failed:
            return "DriverFailed";
        case ErrorCode::timeout:
            return "Timeout";
        case ErrorCode::invalid_parameter:
            return "InvalidParameter";
        case ErrorCode::method_not_found:
            return "MethodNotFound";
        case ErrorCode::interface_not_found:
            return "InterfaceNotFound";
        case ErrorCode::agent_unavailable:
            return "AgentUnavailable";
        case ErrorCode::protocol:
            return "Protocol";
        case ErrorCode::too_large:
            return "TooLarge";
        case ErrorCode::input_output:
            return "InputOutput";
        case ErrorCode::configuration:
            return "Configuration";
        case ErrorCode::not_found:
            return "NotFound";
        case ErrorCode::ambiguous:
            return "Ambiguous";
        case ErrorCode::malformed:
            return "Malformed";
        case ErrorCode::crypto:
            return "Crypto";
        case ErrorCode::bad_signature:
            return "BadSignature";
    }
    return "Unknown";
}

Error errno_error(std::string operation, std::string detail, int error_number) {
    const std::string reason = std::generic_category().message(error_number);
    detail = detail.empty() ? reason : detail + ": " + reason;
    return Error{.code = ErrorCode::input_output,
                 .operation = std::move(operation),
                 .detail = std::move(detail),
                 .native_code = error_number};
}

}  // namespace signet
