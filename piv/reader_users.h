#pragma once

#include <string>
#include <vector>

namespace signet::piv {

// The person's other programs that speak to pcscd, as "scdaemon (1234)". Those of other people are not seen.
std::vector<std::string> reader_users();

}  // namespace signet::piv
