#pragma once

#include "base/result.h"
#include "smime/stream.h"

#include <string>
#include <vector>

namespace signet::sendmail {

// Runs a program with the mail on its standard input and gives its exit status. No shell is in between; its
// output is ours. configuration: there is no such program. input_output: it cannot be started now, was ended
// by a signal, or left the mail unread.
Result<int> hand_on(const std::vector<std::string>& command, const smime::Source& mail);

}  // namespace signet::sendmail
