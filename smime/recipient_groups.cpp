#include "smime/recipient_groups.h"

#include "smime/limits.h"
#include "smime/mime.h"
#include "smime/scan.h"

#include <algorithm>
#include <array>

namespace signet::smime {
namespace {

// A scan of the beginning, where the whole header is.
Result<std::string> beginning_of(const Source& mail) {
    return read_all(mail, {0, std::min<std::uint64_t>(mail.size(), max_header_size)}, max_header_size);
}

Result<std::vector<std::string>> addresses_in(const Header& header, std::string_view field) {
    Addresses addresses = addresses_of(header, field);
    // An empty Bcc or To hides that there are any.
    if (!addresses.readable && !addresses.mailboxes.empty()) {
        return failure(ErrorCode::malformed, "recipients",
                       "the " + std::string(field) + " field cannot be read");
    }
    return std::move(addresses.mailboxes);
}

Result<RecipientGroup> group_of(std::vector<std::string> addresses, const CertificateLookup& lookup,
                                std::span<const x509::Certificate> self) {
    RecipientGroup group{.addresses = std::move(addresses), .certificates = {}};
    for (const std::string& address : group.addresses) {
        SIGNET_TRY(x509::Certificate certificate, lookup(address));
        group.certificates.push_back(std::move(certificate));
    }
    group.certificates.insert(group.certificates.end(), self.begin(), self.end());
    return group;
}

}  // namespace

Result<std::vector<RecipientGroup>> recipient_groups(const Source& mail, const CertificateLookup& lookup,
                                                     std::span<const x509::Certificate> self) {
    SIGNET_TRY(const std::string beginning, beginning_of(mail));
    SIGNET_TRY(const MimePartPointer root, scan_mail(TextSource(beginning)));
    std::vector<std::string> open;
    for (const std::string_view field : {"To", "Cc"}) {
        SIGNET_TRY(const auto addresses, addresses_in(root->header, field));
        open.insert(open.end(), addresses.begin(), addresses.end());
    }
    SIGNET_TRY(const auto hidden, addresses_in(root->header, "Bcc"));
    std::vector<RecipientGroup> groups;
    if (!open.empty()) {
        SIGNET_TRY(RecipientGroup group, group_of(std::move(open), lookup, self));
        groups.push_back(std::move(group));
    }
    for (const std::string& address : hidden) {
        SIGNET_TRY(RecipientGroup group, group_of({address}, lookup, self));
        groups.push_back(std::move(group));
    }
    if (groups.empty()) {
        return failure(ErrorCode::not_found, "recipients", "the mail names nobody in To, Cc or Bcc");
    }
    return groups;
}

}  // namespace signet::smime
