#pragma once

#include "base/error.h"

#include <sysexits.h>

namespace signet::fetch {

// What signet-fetch ends with, and what its caller makes of it.
struct StatusOfError {
    ErrorCode code;
    int status;
};
inline constexpr StatusOfError statuses[] = {
    {ErrorCode::invalid_parameter, EX_USAGE},  {ErrorCode::too_large, EX_DATAERR},
    {ErrorCode::input_output, EX_UNAVAILABLE}, {ErrorCode::timeout, EX_TEMPFAIL},
    {ErrorCode::protocol, EX_PROTOCOL},        {ErrorCode::not_allowed, EX_NOPERM},
};

}  // namespace signet::fetch
