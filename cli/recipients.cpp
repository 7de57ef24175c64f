#include "cli/recipients.h"

#include "cli/terminal.h"

#include <algorithm>
#include <set>

namespace signet::cli {
namespace {

std::string describe(const x509::Certificate& certificate) {
    return certificate.fingerprint().substr(0, shown_digits) + "  " + joined(certificate.emails(), ",") +
           "  " + certificate.subject() + "  until " + certificate.not_after();
}

bool holds(const x509::Certificate& certificate, const std::string& address) {
    const auto emails = certificate.emails();
    return std::any_of(
        emails.begin(), emails.end(),
        [bare = bare_address(address)](const std::string& email) { return x509::same_address(email, bare); });
}

// Files first; the tokens only when no file has the address, so that --cert decides.
std::vector<x509::Certificate> certificates_of(const std::string& address,
                                               std::span<const x509::Certificate> files,
                                               std::span<const KeyEntry> entries) {
    std::vector<x509::Certificate> found;
    for (const auto& certificate : files) {
        if (holds(certificate, address)) {
            found.push_back(certificate);
        }
    }
    for (const auto& entry : entries) {
        if (!any_holds(files, address) && entry.certificate && holds(*entry.certificate, address)) {
            found.push_back(*entry.certificate);
        }
    }
    return found;
}

bool older(const x509::Certificate& a, const x509::Certificate& b) {
    return a.not_before() < b.not_before();
}

Failure several(const std::string& address, const std::vector<x509::Certificate>& certificates) {
    std::string list;
    for (const auto& certificate : certificates) {
        list += (list.empty() ? "  " : "\n  ") + describe(certificate);
    }
    return failure(ErrorCode::ambiguous, address, list);
}

}  // namespace

Result<x509::Certificate> choose_recipient(const std::string& address,
                                           std::span<const x509::Certificate> files,
                                           std::span<const KeyEntry> entries, std::string_view now) {
    std::vector<x509::Certificate> fitting;
    std::set<std::string> keys;
    std::string rejected;
    for (const auto& certificate : certificates_of(address, files, entries)) {
        if (const auto reason = reason_against(certificate, Purpose::encrypt, now); !reason.empty()) {
            rejected += "\n  " + describe(certificate) + ": " + reason;
            continue;
        }
        fitting.push_back(certificate);
        keys.insert(x509::key_identifier(certificate.public_key_info()));
    }
    if (fitting.empty()) {
        return failure(ErrorCode::not_found, "recipient",
                       "no certificate to encrypt with for " + address + rejected);
    }
    if (keys.size() > 1) {
        return several(address, fitting);
    }
    return *std::max_element(fitting.begin(), fitting.end(), older);
}

bool any_holds(std::span<const x509::Certificate> files, const std::string& address) {
    return std::any_of(files.begin(), files.end(),
                       [&](const x509::Certificate& certificate) { return holds(certificate, address); });
}

Result<void> check_recipients(std::span<const x509::Certificate> recipients, std::string_view now) {
    for (const auto& certificate : recipients) {
        if (const auto reason = reason_against(certificate, Purpose::encrypt, now); !reason.empty()) {
            return failure(ErrorCode::not_found, "certificate",
                           "cannot encrypt to " + describe(certificate) + ": " + reason);
        }
    }
    return {};
}

bool contains(std::span<const x509::Certificate> recipients, const x509::Certificate& certificate) {
    return std::any_of(recipients.begin(), recipients.end(), [&](const x509::Certificate& other) {
        return other.fingerprint() == certificate.fingerprint();
    });
}

void add_recipient(std::vector<x509::Certificate>& recipients, x509::Certificate certificate) {
    if (!contains(recipients, certificate)) {
        recipients.push_back(std::move(certificate));
    }
}

}  // namespace signet::cli
