#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace signet::sendmail {

// The one mailbox that a From field with that value names: an address, its domain in A-labels, or the name of
// somebody on this machine. malformed: none, several, or one that has no certain meaning.
Result<std::string> mailbox_in(std::string_view value);

// The same, of a value that has nothing around the mailbox.
Result<std::string> bare_mailbox(const std::string& text);

}  // namespace signet::sendmail
