#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace signet::cli {

// "-" is standard output. A file is written as a temporary (mode 0600) beside it, synchronised and renamed:
// on failure the target is as it was. A symbolic link stays, and what it points to is replaced; what is no
// regular file (a device, a pipe) is written to directly.
Result<void> write_output(const std::string& path, std::string_view content);

}  // namespace signet::cli
