#include "cli/gpgsm/list_keys.h"

#include "cli/agent.h"
#include "cli/gpgsm/status.h"
#include "cli/key_selection.h"

#include <algorithm>
#include <set>

namespace signet::gpgsm {
namespace {

std::string usage_of(const x509::Certificate& certificate) {
    const bool signs = certificate.may_sign_mail();
    const bool encrypts = certificate.may_encrypt_mail();
    if (signs && encrypts) {
        return "sign, encrypt";
    }
    return signs ? "sign" : encrypts ? "encrypt" : "none";
}

std::string text_on(const cli::KeyEntry& entry) {
    const auto& certificate = *entry.certificate;
    std::string text;
    const auto append = [&text](std::string_view name, const std::string& value) {
        text += std::string(12 - name.size(), ' ') + std::string(name) + ": " + printable_utf8(value) + "\n";
    };
    append("fingerprint", fingerprint_of(certificate));
    append("S/N", certificate.serial_number());
    append("Issuer", certificate.issuer());
    append("Subject", certificate.subject());
    for (const auto& email : certificate.emails()) {
        append("aka", email);
    }
    append("validity", certificate.not_before() + " through " + certificate.not_after());
    append("usage", usage_of(certificate));
    append("token", entry.token->label);
    return text + "\n";
}

}  // namespace

Result<std::string> list_keys(const std::vector<std::string>& names) {
    std::vector<cli::KeySelector> selectors;
    for (const auto& name : names) {
        SIGNET_TRY(auto selector, cli::KeySelector::parse(name));
        selectors.push_back(std::move(selector));
    }
    SIGNET_TRY(auto agent, cli::Agent::connect());
    SIGNET_TRY(const auto inventory, agent.inventory());
    std::set<std::string> seen;
    std::string text;
    for (const auto& entry : cli::key_entries(inventory)) {
        const bool wanted = selectors.empty() ||
                            std::any_of(selectors.begin(), selectors.end(),
                                        [&entry](const auto& selector) { return selector.matches(entry); });
        if (entry.certificate && wanted && seen.insert(entry.certificate->fingerprint()).second) {
            text += text_on(entry);
        }
    }
    return text;
}

}  // namespace signet::gpgsm
