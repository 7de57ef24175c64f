#pragma once

#include "base/result.h"
#include "cli/sendmail/arguments.h"
#include "smime/header.h"

#include <string>

namespace signet::sendmail {

struct Author {
    std::string mailbox;   // an address, its domain in A-labels, or the name of somebody on this machine
    std::string new_from;  // the value of the From field that the mail lacks; or empty
};

// As sendmail finds them: by the From field; without one by -f, else by who runs this program. malformed,
// not_found: not one mailbox that can be read.
Result<Author> author_of(const smime::Header& header, const Arguments& arguments);

}  // namespace signet::sendmail
