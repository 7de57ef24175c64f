#pragma once

#include "base/result.h"
#include "smime/timestamp.h"

#include <string>

namespace signet::gpgsm {

// A token for that signature from the time-stamping authority at `url`, which must be one to trust.
// input_output: there is none to be had; the detail says why.
Result<std::string> timestamp_from(const std::string& url, std::string_view signature,
                                   const smime::TimestampTrust& trust);

}  // namespace signet::gpgsm
