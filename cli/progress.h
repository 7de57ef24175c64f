#pragma once

#include "smime/stream.h"

#include <memory>

namespace signet::cli {

// Says on standard error how far a large input has been read, where that is a terminal and `quiet` is not
// asked for. Else the input itself. An operation that reads it twice is shown twice.
std::unique_ptr<smime::Source> with_progress(std::unique_ptr<smime::Source> input, bool quiet);

}  // namespace signet::cli
