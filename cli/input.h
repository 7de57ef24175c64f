#pragma once

#include "smime/stream.h"

#include <memory>
#include <string>

namespace signet::cli {

// The input of a command. "-" is standard input; what cannot seek is kept in a smime::Spool first.
Result<std::unique_ptr<smime::Source>> open_input(const std::string& path);

// Its octets with CR LF in place of every LF that stands alone.
Result<std::unique_ptr<smime::Source>> with_crlf(const smime::Source& input);

}  // namespace signet::cli
