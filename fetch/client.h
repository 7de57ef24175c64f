#pragma once

#include "fetch/http.h"

namespace signet::fetch {

// As post(), in a signet-fetch of its own, which is waited for. No library for networks comes into this
// process. not_found: that program is missing.
Result<std::string> post_by_program(const Post& request);

}  // namespace signet::fetch
