#include "piv/answer.h"

namespace signet::piv {
namespace {

ErrorCode code_of(StatusWord status) {
    if (status == status::not_found) {
        return ErrorCode::not_found;
    }
    if (status == status::not_authorised) {
        return ErrorCode::pin_required;
    }
    if (status == status::blocked) {
        return ErrorCode::pin_blocked;
    }
    if (status == status::unsupported || status == status::unknown_instruction ||
        status == status::wrong_parameters) {
        return ErrorCode::unsupported;
    }
    return status == status::unknown_reference ? ErrorCode::key_not_found : ErrorCode::driver_failed;
}

}  // namespace

Failure refused(std::string_view command, StatusWord status) {
    return failure(code_of(status), std::string(command), "the card answered " + status.text(), status.value);
}

Result<Bytes> succeeded(std::string_view command, Result<Response> response) {
    if (!response) {
        return Failure(std::move(response).error());
    }
    if (!response->status.success()) {
        return refused(command, response->status);
    }
    return std::move(response->data);
}

}  // namespace signet::piv
