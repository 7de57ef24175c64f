#include "cli/sender.h"

#include "smime/header_block.h"
#include "smime/mime.h"

#include <algorithm>

namespace signet::cli {
bool is_local_name(const std::string& mailbox) {
    return !mailbox.empty() &&
           mailbox.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-") ==
               std::string::npos;
}

Result<std::vector<std::string>> sender_addresses(const smime::Source& mail) {
    SIGNET_TRY(const auto block, smime::read_header(mail));
    auto from = smime::addresses_of(block->header, "From");
    if (!from.readable || from.mailboxes.empty()) {
        return failure(ErrorCode::not_found, "From",
                       block->header.count("From") > 1 ? "the mail has several From fields"
                                                       : "the mail has no From address that can be read");
    }
    return std::move(from.mailboxes);
}

Result<std::vector<std::string>> addresses_in(const smime::Source& mail,
                                              std::initializer_list<std::string_view> fields) {
    SIGNET_TRY(const auto block, smime::read_header(mail));
    std::vector<std::string> all;
    for (const auto field : fields) {
        const auto addresses = smime::addresses_of(block->header, field);
        const auto names_somebody = [](const std::string& mailbox) {
            return mailbox.find('@') != std::string::npos || is_local_name(mailbox);
        };
        if (block->header.count(field) > 1 || !addresses.complete ||
            !std::all_of(addresses.mailboxes.begin(), addresses.mailboxes.end(), names_somebody)) {
            return failure(ErrorCode::malformed, "recipients",
                           "the " + std::string(field) + " field cannot be read");
        }
        all.insert(all.end(), addresses.mailboxes.begin(), addresses.mailboxes.end());
    }
    return all;
}

}  // namespace signet::cli
