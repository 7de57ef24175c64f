#include "cli/gpgsm/sign.h"

#include "cli/agent.h"
#include "cli/certificate_files.h"
#include "cli/cms_output.h"
#include "cli/gpgsm/timestamp.h"
#include "cli/input.h"
#include "cli/issuer_chain.h"
#include "cli/key_selection.h"
#include "cli/output.h"
#include "cli/token_module.h"
#include "cli/touch_hint.h"
#include "smime/signature.h"

#include <algorithm>
#include <ctime>

namespace signet::gpgsm {
namespace {

// What git looks for.
constexpr const char* armour_label = "SIGNED MESSAGE";

// GnuPG's numbers for why a key was not taken.
constexpr const char* no_such_key = "1";
constexpr const char* ambiguous_key = "2";

Result<cli::KeyEntry> choose_signer(const SignRequest& request, std::span<const cli::KeyEntry> entries,
                                    const StatusOutput& status) {
    SIGNET_TRY(const auto selector, cli::KeySelector::parse(request.key));
    auto entry = cli::choose_key(entries, selector, cli::Purpose::sign, cli::current_time());
    if (!entry) {
        const bool several = entry.error().code == ErrorCode::ambiguous;
        SIGNET_CHECK(status.line(std::string("INV_SGNR ") + (several ? ambiguous_key : no_such_key) + " " +
                                 escaped(request.key)));
    }
    return entry;
}

// Whatever could stand between the signer and a root: certificates on all tokens, and those of the settings.
Result<std::vector<x509::Certificate>> candidates(const ipc::Inventory& inventory, const Settings& settings) {
    SIGNET_TRY(auto all, cli::read_certificates(settings.intermediates));
    SIGNET_TRY(const auto roots, cli::read_certificates(settings.trusted));
    all.insert(all.end(), roots.begin(), roots.end());
    for (const auto& token : *inventory.tokens) {
        for (const auto& object : token.certificates) {
            if (auto certificate = x509::Certificate::from_der(object.der)) {
                all.push_back(std::move(*certificate));
            }
        }
    }
    return all;
}

std::vector<x509::Certificate> included_issuers(std::vector<x509::Certificate> issuers,
                                                IncludedCertificates included) {
    if (included.count == IncludedCertificates::without_root && !issuers.empty() &&
        cli::is_self_signed(issuers.back())) {
        issuers.pop_back();
    }
    if (included.count > 0 && issuers.size() >= static_cast<std::size_t>(included.count)) {
        issuers.erase(issuers.begin() + included.count - 1, issuers.end());
    }
    return issuers;
}

std::string created_line(const SignRequest& request, const smime::SignOptions& how, int digest) {
    return std::string("SIG_CREATED ") + (request.detached ? "D " : "S ") +
           std::to_string(public_key_number(how.certificate)) + " " + std::to_string(digest) + " 00 " +
           std::to_string(std::time(nullptr)) + " " + fingerprint_of(how.certificate);
}

Result<void> write_signature(const SignRequest& request, const smime::SignOptions& how) {
    SIGNET_TRY(const auto input, cli::open_input(request.input));
    SIGNET_TRY(auto output, cli::Output::open(request.output));
    cli::CmsSink cms(output, request.armour, armour_label);
    SIGNET_CHECK(smime::sign_content(*input, cms, how));
    SIGNET_CHECK(cms.finish());
    return output.commit();
}

}  // namespace

Result<void> sign(const SignRequest& request, const Settings& settings, const StatusOutput& status) {
    SIGNET_TRY(auto agent, cli::Agent::connect());
    SIGNET_TRY(const auto inventory, agent.inventory());
    const auto entries = cli::key_entries(inventory);
    SIGNET_TRY(const auto entry, choose_signer(request, entries, status));
    SIGNET_TRY(const auto known, candidates(inventory, settings));
    auto issuers = included_issuers(cli::issuers_of(*entry.certificate, known), settings.included);
    smime::SignOptions how{.certificate = *entry.certificate, .chain = std::move(issuers)};
    // Who gets a commit writes no mail back by it.
    how.capabilities.clear();
    how.form = request.detached ? smime::SignatureForm::detached : smime::SignatureForm::opaque;
    if (!settings.timestamp.empty()) {
        SIGNET_TRY(auto trust, settings.timestamp_trust());
        how.timestamp = [&url = settings.timestamp, trust = std::move(trust)](std::string_view signature) {
            return timestamp_from(url, signature, trust);
        };
    }
    const cli::TouchHint hint(inventory, cli::TouchHint::Target::terminal);
    SIGNET_TRY(auto keys, cli::open_token_keys());
    SIGNET_TRY(const auto key, cli::private_key(keys, entry));
    how.private_key = key.get();
    SIGNET_TRY(how.hash, smime::checked_hash(how));
    const int digest = digest_number(name_of(*how.hash));
    SIGNET_CHECK(status.line("BEGIN_SIGNING H" + std::to_string(digest)));
    SIGNET_CHECK(write_signature(request, how));
    return status.line(created_line(request, how, digest));
}

}  // namespace signet::gpgsm
