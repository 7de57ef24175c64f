#include "smime/sign.h"

#include "base/file_descriptor.h"
#include "cli/agent.h"
#include "cli/certificate_files.h"
#include "cli/declaration.h"
#include "cli/key_selection.h"
#include "cli/output.h"
#include "cli/private_key.h"
#include "cli/sender.h"
#include "smime/limits.h"

namespace signet::cli {
namespace {

struct Options {
    Streams streams;
    std::string from;
    std::string key;
    std::string digest;
    std::string chain;
    bool pss = false;
};

// --key, else --from, else the mail's own From.
Result<KeySelector> selector_for(const Options& options, std::string_view mail) {
    if (!options.key.empty() || !options.from.empty()) {
        return KeySelector::parse(options.key.empty() ? options.from : options.key);
    }
    SIGNET_TRY(auto addresses, sender_addresses(mail));
    return KeySelector::for_addresses(std::move(addresses));
}

// Where answers should be encrypted to, when that is another certificate of the same person.
std::optional<x509::Certificate> encryption_certificate(std::span<const KeyEntry> entries,
                                                        const x509::Certificate& signer) {
    const auto selector = KeySelector::for_addresses(signer.emails());
    const auto entry = choose_key(entries, selector, Purpose::encrypt, current_time());
    if (!entry || entry->certificate->fingerprint() == signer.fingerprint()) {
        return std::nullopt;
    }
    return entry->certificate;
}

Result<smime::SignOptions> sign_options(const Options& options, const KeyEntry& entry,
                                        std::span<const KeyEntry> entries) {
    smime::SignOptions result{.certificate = *entry.certificate, .chain = {}};
    if (!options.chain.empty()) {
        SIGNET_TRY(result.chain, read_certificates(options.chain));
    }
    if (!options.digest.empty()) {
        result.hash = from_name<HashAlgorithm>(options.digest);
    }
    result.pss = options.pss;
    result.encryption_certificate = encryption_certificate(entries, *entry.certificate);
    return result;
}

Result<std::string> sign_with_token(std::string_view mail, const KeyEntry& entry,
                                    smime::SignOptions options) {
    SIGNET_TRY(auto keys, TokenKeys::open());
    SIGNET_TRY(const auto private_key, keys.private_key(*entry.token, *entry.key));
    options.private_key = private_key.get();
    smime::TextSink signed_mail;
    SIGNET_CHECK(smime::sign(smime::TextSource(mail), signed_mail, options));
    return signed_mail.take();
}

Result<ExitStatus> sign_mail(const Options& options) {
    SIGNET_TRY(const auto mail, read_file(options.streams.in, smime::max_mail_size));
    SIGNET_TRY(const auto selector, selector_for(options, mail));
    SIGNET_TRY(auto agent, Agent::connect());
    SIGNET_TRY(const auto inventory, agent.inventory());
    const auto entries = key_entries(inventory);
    SIGNET_TRY(const auto entry, choose_key(entries, selector, Purpose::sign, current_time()));
    SIGNET_TRY(auto how, sign_options(options, entry, entries));
    SIGNET_TRY(const auto signed_mail, sign_with_token(mail, entry, std::move(how)));
    SIGNET_CHECK(write_output(options.streams.out, signed_mail));
    return ExitStatus::good;
}

}  // namespace

void declare_sign(CLI::App& program, Action& chosen) {
    auto [command, options] =
        declare<Options>(program, "sign", "Sign a mail with a key on a token", chosen, sign_mail);
    add_streams(command, options.streams);
    command.add_option("--from", options.from, "Sign as this address (default: the mail's From)")
        ->type_name("ADDRESS");
    command.add_option("--key", options.key, "Sign with the key of this address, fingerprint or PKCS#11 URI")
        ->type_name("KEY")
        ->excludes("--from");
    command
        .add_option("--digest", options.digest,
                    "Digest: sha256, sha384 or sha512 (default: what fits the key)")
        ->type_name("NAME")
        ->check(CLI::IsMember({"sha256", "sha384", "sha512"}).description(""));
    command.add_flag("--pss", options.pss, "Sign with RSASSA-PSS (RSA keys)");
    command
        .add_option("--certificate-chain", options.chain,
                    "Include the intermediate certificates of this PEM file")
        ->type_name("FILE");
}

}  // namespace signet::cli
