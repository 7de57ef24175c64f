#include "cli/sendmail/mailbox.h"

#include "cli/sender.h"
#include "smime/domain_name.h"
#include "smime/mime.h"

namespace signet::sendmail {

Result<std::string> mailbox_in(std::string_view value) {
    const smime::Header header{{smime::Field{.raw = value, .name = "From", .value = value}}};
    const auto addresses = smime::addresses_of(header, "From");
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

}  // namespace signet::sendmail
