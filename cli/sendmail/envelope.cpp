#include "cli/sendmail/envelope.h"

#include "cli/sender.h"
#include "smime/header_block.h"
#include "smime/spool.h"
#include "x509/certificate.h"

#include <algorithm>

namespace signet::sendmail {
namespace {

Result<void> refuse_resent(const smime::Header& header) {
    for (const auto* field : {"Resent-To", "Resent-Cc", "Resent-Bcc"}) {
        if (header.find(field) != nullptr) {
            return failure(ErrorCode::malformed, field,
                           "a mail that is sent on (" + std::string(field) +
                               ") needs its recipients as arguments, not -t");
        }
    }
    return {};
}

// Of two fields mail programs read either, and somebody would be left out.
Result<void> refuse_repeated(const smime::Header& header) {
    for (const auto* field : {"To", "Cc", "Bcc"}) {
        if (header.count(field) > 1) {
            return failure(ErrorCode::malformed, field,
                           "the mail has several " + std::string(field) + " fields");
        }
    }
    return {};
}

bool contains(const std::vector<std::string>& addresses, const std::string& address) {
    return std::any_of(addresses.begin(), addresses.end(),
                       [&](const std::string& other) { return x509::same_address(other, address); });
}

void add(std::vector<std::string>& addresses, const std::string& address) {
    if (!contains(addresses, address)) {
        addresses.push_back(address);
    }
}

}  // namespace

Result<Envelope> envelope_of(const smime::Source& mail, const Arguments& arguments) {
    Envelope envelope;
    SIGNET_TRY(const auto block, smime::read_header(mail));
    SIGNET_TRY(envelope.author, author_of(block->header, arguments));
    SIGNET_CHECK(refuse_repeated(block->header));
    const auto fields = cli::addresses_in(mail, {"To", "Cc"});
    const auto named = fields.value_or(std::vector<std::string>());
    std::vector<std::string> recipients;
    if (arguments.recipients_from_header) {
        SIGNET_CHECK(fields);
        SIGNET_CHECK(refuse_resent(block->header));
        recipients = named;
        SIGNET_TRY(const auto hidden, cli::addresses_in(mail, {"Bcc"}));
        recipients.insert(recipients.end(), hidden.begin(), hidden.end());
    }
    recipients.insert(recipients.end(), arguments.recipients.begin(), arguments.recipients.end());
    for (const auto& address : recipients) {
        add(contains(named, address) ? envelope.open : envelope.hidden, address);
    }
    if (recipients.empty()) {
        return failure(ErrorCode::not_found, "recipient", "the mail goes to nobody");
    }
    return envelope;
}

Result<std::unique_ptr<smime::Source>> outgoing(const smime::Source& mail, const std::string& new_from) {
    SIGNET_TRY(const auto block, smime::read_header(mail));
    const std::string line_end = block->crlf ? "\r\n" : "\n";
    std::string header = new_from.empty() ? "" : "From: " + new_from + line_end;
    for (const auto& field : block->header.fields) {
        if (!equal_ignoring_case(field.name, "Bcc") && !equal_ignoring_case(field.name, "Resent-Bcc")) {
            header += field.raw;
        }
    }
    auto copy = std::make_unique<smime::Spool>();
    SIGNET_CHECK(copy->write(header));
    SIGNET_CHECK(copy->write(line_end));
    smime::RangeReader body(mail, block->body);
    SIGNET_CHECK(smime::copy(body, *copy));
    return copy;
}

}  // namespace signet::sendmail
