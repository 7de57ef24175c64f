#pragma once

#include "base/result.h"
#include "cli/sendmail/arguments.h"
#include "cli/sendmail/author.h"
#include "smime/stream.h"

#include <memory>
#include <string>
#include <vector>

namespace signet::sendmail {

// Who wrote a mail and who gets it.
struct Envelope {
    Author author;
    std::vector<std::string> open;    // named in To or Cc
    std::vector<std::string> hidden;  // all others
};

// malformed: not one author, fields that cannot be read, or with -t fields of a mail that is sent on
// (Resent-To). not_found: nobody gets it.
Result<Envelope> envelope_of(const smime::Source& mail, const Arguments& arguments);

// The mail without its Bcc fields, and with a From field of that value unless it is empty. Nothing else
// changes but a leading mbox line, which goes too.
Result<std::unique_ptr<smime::Source>> outgoing(const smime::Source& mail, const std::string& new_from);

}  // namespace signet::sendmail
