#include "cli/sender.h"

#include "smime/entity.h"
#include "smime/mime.h"

namespace signet::cli {

Result<std::vector<std::string>> sender_addresses(std::string_view mail) {
    SIGNET_TRY(const auto entity, smime::parse_mail(mail));
    auto from = smime::addresses_of(entity, "From");
    if (!from.readable || from.mailboxes.empty()) {
        return failure(ErrorCode::not_found, "From",
                       "the mail has no From address; name the key with --from or --key");
    }
    return std::move(from.mailboxes);
}

}  // namespace signet::cli
