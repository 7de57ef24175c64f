#include "cli/sendmail/author.h"

#include "cli/sendmail/mailbox.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>

namespace signet::sendmail {
namespace {

// A line of 998 octets takes it (RFC 5322 section 2.1.1), with each character escaped and an address.
constexpr std::size_t max_name = 300;

// As a quoted string and a blank. Nothing for a name that would need another form.
std::string display_name(const std::string& name) {
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (name.empty() || name.size() > max_name || !plain) {
        return {};
    }
    std::string quoted = "\"";
    for (const char c : name) {
        if (c == '"' || c == '\\') {
            quoted += '\\';
        }
        quoted += c;
    }
    return quoted + "\" ";
}

Result<std::string> own_name() {
    const passwd* entry = getpwuid(getuid());
    if (entry == nullptr) {
        return failure(ErrorCode::not_found, "From", "the mail has no From field, and its user has no name");
    }
    return std::string(entry->pw_name);
}

}  // namespace

Result<Author> author_of(const smime::Header& header, const Arguments& arguments) {
    Author author;
    if (header.count("From") > 1) {
        return failure(ErrorCode::malformed, "From", "the mail has several From fields");
    }
    if (const auto* from = header.find("From")) {
        SIGNET_TRY(author.mailbox, mailbox_in(from->value));
        return author;
    }
    SIGNET_TRY(const auto name, arguments.sender ? Result<std::string>(*arguments.sender) : own_name());
    auto mailbox = mailbox_in(name);
    if (!mailbox) {
        const bool empty = name.empty() || name == "<>";
        return failure(ErrorCode::not_found, "From",
                       "the mail has no From field, and " + (empty ? "an empty sender" : name) +
                           " is no address for one");
    }
    author.mailbox = std::move(*mailbox);
    author.new_from = display_name(arguments.full_name.value_or("")) + "<" + author.mailbox + ">";
    return author;
}

}  // namespace signet::sendmail
