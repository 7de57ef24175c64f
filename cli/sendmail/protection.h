#pragma once

#include "base/result.h"
#include "cli/sendmail/envelope.h"
#include "cli/sendmail/settings.h"
#include "smime/stream.h"

#include <memory>
#include <string>
#include <vector>

namespace signet::sendmail {

// What is handed on, and to whom.
struct Message {
    std::vector<std::string> recipients;
    std::shared_ptr<const smime::Source> mail;
};

// The messages that a mail becomes as its account wants it: one for the open recipients, and when it is
// encrypted one for each hidden one. All are complete, or there is an error: not_found with the operation
// "recipient" when somebody has no certificate to encrypt with.
Result<std::vector<Message>> protect(const smime::Source& mail, const Envelope& envelope,
                                     const Account& account, const Settings& settings);

}  // namespace signet::sendmail
