#include "cli/sendmail/mailbox.h"

#include "cli/sender.h"
#include "smime/domain_name.h"
#include "smime/mime.h"

#include <algorithm>

namespace signet::sendmail {
namespace {

smime::Addresses addresses_in(std::string_view field, std::string_view value) {
    const smime::Header header{{smime::Field{.raw = value, .name = field, .value = value}}};
    return smime::addresses_of(header, field);
}

// The transport would take it for an option, or for several.
bool is_one_argument(const std::string& address) {
    return !address.empty() && address[0] != '-' && address.find_first_of("\r\n") == std::string::npos;
}

}  // namespace

Result<std::string> mailbox_in(std::string_view value) {
    const auto addresses = addresses_in("From", value);
    if (addresses.mailboxes.size() > 1) {
        return failure(ErrorCode::malformed, "From", "the mail has several From addresses");
    }
    if (addresses.mailboxes.empty() ||
        (!addresses.readable && !cli::is_local_name(addresses.mailboxes.front()))) {
        return failure(ErrorCode::malformed, "From", "the mail has no From address that can be read");
    }
    // Not allowed in an address (RFC 2047 section 5), and whom it means depends on who reads it.
    if (addresses.mailboxes.front().find("=?") != std::string::npos) {
        return failure(ErrorCode::malformed, "From", "the From address holds an encoded word");
    }
    return smime::with_ascii_domain(addresses.mailboxes.front());
}

Result<std::string> bare_mailbox(const std::string& text) {
    SIGNET_TRY(auto plain, smime::with_ascii_domain(text));
    const auto mailbox = mailbox_in(text);
    if (!mailbox || *mailbox != plain) {
        return failure(ErrorCode::malformed, "address", text + " is not one address alone");
    }
    return plain;
}

Result<std::vector<std::string>> recipients_in(const std::string& list) {
    std::vector<std::string> recipients{list};
    if (list.find_first_of(" \t,;<>()\"") != std::string::npos) {
        auto addresses = addresses_in("To", list);
        recipients = std::move(addresses.mailboxes);
        if (!addresses.complete) {
            recipients.clear();
        }
    }
    if (recipients.empty() || !std::all_of(recipients.begin(), recipients.end(), is_one_argument)) {
        return failure(ErrorCode::invalid_parameter, "arguments", list + ": no address");
    }
    return recipients;
}

}  // namespace signet::sendmail
