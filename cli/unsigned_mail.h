#pragma once

#include "base/result.h"
#include "cli/messages.h"

#include <string>

namespace signet::cli {

// Whether an error of reading or verifying a mail is an answer about that mail: it is not signed, or not in a
// form that can be taken apart, and so has no good signature.
bool is_about_the_mail(const Error& error);

// The code ("not_signed", "malformed", "too_large") and one sentence; as JSON `good`, `status`, `reason` and
// `signers`.
Result<ExitStatus> report_unsigned(const Error& error, bool json, const std::string& path);

}  // namespace signet::cli
