#pragma once

#include "smime/stream.h"

#include <memory>
#include <string>

namespace signet::cli {

// The input of a command. "-" is standard input; what cannot seek is kept in a smime::Spool first.
Result<std::unique_ptr<smime::Source>> open_input(const std::string& path);

}  // namespace signet::cli
