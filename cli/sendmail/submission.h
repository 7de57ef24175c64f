#pragma once

#include "base/error.h"

#include <span>
#include <string>

namespace signet::sendmail {

// Takes a mail from standard input as sendmail does, protects it as mail.toml says, and hands it on. The
// status is one of sysexits.h; standard error says what went wrong, and who got the mail when only some did.
int run(std::span<const std::string> arguments);

// The status for an error before anything was handed on.
int exit_status_of(const Error& error);

}  // namespace signet::sendmail
