#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace signet::sendmail {

// The one mailbox that a From field with that value names: an address, its domain in A-labels, or the name of
// somebody on this machine. malformed: none, several, or one that has no certain meaning.
Result<std::string> mailbox_in(std::string_view value);

// The same, of a value that has nothing around the mailbox.
Result<std::string> bare_mailbox(const std::string& text);

// The addresses of a list as it is given for a recipient: "bob, Carol <carol@example.org>". What has nothing
// of a list about it is one, in whatever form its transport knows. invalid_parameter: one that would be lost.
Result<std::vector<std::string>> recipients_in(const std::string& list);

}  // namespace signet::sendmail
