#pragma once

#include "cli/terminal.h"
#include "smime/public/signet/smime.h"

#include <string>

namespace signet::cli {

// signet(1) documents the members.
std::string json_of(const mail::Report& report);

// The tree, what was found, and the verdict in one line at the end.
std::string text_of(const mail::Report& report, const Style& style);

}  // namespace signet::cli
