#pragma once

#include <sys/types.h>

namespace signet::test {

// The process and those that it started spend a second without any wake-up; what was begun may take its time
// to end before that.
bool comes_to_rest(pid_t process);

}  // namespace signet::test
