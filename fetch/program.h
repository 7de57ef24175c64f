#pragma once

namespace signet::fetch {

// Exit status as in signet-fetch(1).
int run(int argument_count, const char* const* arguments);

}  // namespace signet::fetch
