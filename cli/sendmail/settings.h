#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace signet::sendmail {

using Command = std::vector<std::string>;  // a program and its arguments

// What is done with the mail of one sender.
struct Account {
    std::string address;  // of the From field, its domain in A-labels; "*": of everybody without account
    bool sign = false;
    bool encrypt = false;
    bool protect_headers = false;
    std::string key;    // empty: the address's
    std::string chain;  // a file with intermediate certificates to include; or empty
    Command transport;  // empty: that of the settings

    [[nodiscard]] bool protects() const { return sign || encrypt; }
};

struct Settings {
    Command transport = {"/usr/sbin/sendmail"};
    std::vector<std::string> certificates;  // files and folders with the certificates of recipients
    std::vector<Account> accounts;
};

// mail.toml. Paths that are not absolute begin in `folder`.
Result<Settings> parse_settings(std::string_view text, const std::string& file, const std::string& folder);
// $XDG_CONFIG_HOME/signet/mail.toml. configuration: also when there is none, since nobody said then whose
// mail goes out as it is.
Result<Settings> load_settings();

// Of an author, a mailbox as bare_mailbox() has it. "*" is not for a local part outside ASCII: who is meant
// can be written in several ways. configuration: nothing is said of them. not_found: an address is missing,
// for a name of this machine has no protected mail, and may be that of somebody who has.
Result<Account> account_for(const Settings& settings, const std::string& author);

}  // namespace signet::sendmail
