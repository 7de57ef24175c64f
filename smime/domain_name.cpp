#include "smime/domain_name.h"

#include "smime/gmime_pointer.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace signet::smime {
namespace {

bool is_ascii(char c) {
    return static_cast<unsigned char>(c) < 0x80;
}

bool is_domain_character(char c) {
    return is_ascii(c) &&
           (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_');
}

// The domain again when it cannot be mapped.
std::string mapped_by_gmime(const std::string& domain) {
    constexpr std::string_view local_part = "x@";
    initialise_gmime();
    const GObjectPointer<InternetAddress> mailbox(
        internet_address_mailbox_new(nullptr, (std::string(local_part) + domain).c_str()));
    const std::string_view address =
        internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(mailbox.get()));
    return address.starts_with(local_part) ? std::string(address.substr(local_part.size())) : std::string();
}

}  // namespace

Result<std::string> with_ascii_domain(const std::string& address) {
    const std::size_t at = address.rfind('@');
    const std::string domain = at != std::string::npos ? address.substr(at + 1) : std::string();
    if (std::all_of(domain.begin(), domain.end(), is_ascii)) {
        return address;
    }
    std::string mapped;
    // GMime would leave out what follows a blank or a comment.
    if (std::all_of(domain.begin(), domain.end(),
                    [](char c) { return !is_ascii(c) || is_domain_character(c); })) {
        mapped = mapped_by_gmime(domain);
    }
    if (mapped.empty() || !std::all_of(mapped.begin(), mapped.end(), is_domain_character)) {
        return failure(ErrorCode::malformed, "domain", address + ": no domain is written like this");
    }
    return address.substr(0, at + 1) + mapped;
}

}  // namespace signet::smime
