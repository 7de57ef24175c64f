#pragma once

#include "piv/apdu.h"

#include <string_view>

// What a status word other than 9000 means, for every command that gives it no meaning of its own.
namespace signet::piv {

// The error of a command that the card refused; the status word is its native_code.
Failure refused(std::string_view command, StatusWord status);

// The data of a command that succeeded.
Result<Bytes> succeeded(std::string_view command, Result<Response> response);

}  // namespace signet::piv
