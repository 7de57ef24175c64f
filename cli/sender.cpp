#include "cli/sender.h"

#include "smime/header_block.h"
#include "smime/mime.h"

namespace signet::cli {

Result<std::vector<std::string>> sender_addresses(const smime::Source& mail) {
    SIGNET_TRY(const auto block, smime::read_header(mail));
    auto from = smime::addresses_of(block->header, "From");
    if (!from.readable || from.mailboxes.empty()) {
        return failure(ErrorCode::not_found, "From",
                       "the mail has no From address; name the key with --from or --key");
    }
    return std::move(from.mailboxes);
}

Result<std::vector<std::string>> addresses_in(const smime::Source& mail,
                                              std::initializer_list<std::string_view> fields) {
    SIGNET_TRY(const auto block, smime::read_header(mail));
    std::vector<std::string> all;
    for (const auto field : fields) {
        const auto addresses = smime::addresses_of(block->header, field);
        if (!addresses.readable && !addresses.mailboxes.empty()) {
            return failure(ErrorCode::malformed, "recipients",
                           "the " + std::string(field) + " field cannot be read");
        }
        all.insert(all.end(), addresses.mailboxes.begin(), addresses.mailboxes.end());
    }
    return all;
}

}  // namespace signet::cli
