#pragma once

#include <string>
#include <vector>

namespace signet::test {

// Of signet; those of "signet token" are not here.
inline const std::vector<std::string> commands = {"tokens",  "keys",    "sign",     "verify", "read",
                                                  "encrypt", "decrypt", "sendmail", "unlock", "lock",
                                                  "watch",   "setup",   "token",    "doctor", "completion"};

}  // namespace signet::test
