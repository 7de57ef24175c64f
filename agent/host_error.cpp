#include "agent/host_error.h"

namespace signet::agent {

Error told_to_client(Error error) {
    if (error.code == ErrorCode::token_not_found) {
        error.code = ErrorCode::token_removed;
    }
    if (error.code == ErrorCode::pin_required) {
        error = {.code = ErrorCode::driver_failed,
                 .operation = "host",
                 .detail = "the token asked for its PIN again right after it was given"};
    }
    return error;
}

bool outdates_the_list(ErrorCode code) {
    return code == ErrorCode::token_removed || code == ErrorCode::token_not_found ||
           code == ErrorCode::pin_incorrect || code == ErrorCode::pin_blocked;
}

}  // namespace signet::agent
