#pragma once

namespace signet::gpgsm {

// Exit status as gpgsm has it: 0 done and good, 1 the signature is not good, 2 it could not be done.
int run(int argument_count, const char* const* arguments);

}  // namespace signet::gpgsm
