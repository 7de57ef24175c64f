#include "smime/decrypt.h"

#include "base/file_descriptor.h"
#include "cli/agent.h"
#include "cli/declaration.h"
#include "cli/key_selection.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/private_key.h"
#include "smime/limits.h"

#include <set>

namespace signet::cli {
namespace {

struct Options {
    Streams streams;
    std::string key;
};

// Entries to try, each certificate once for each token that has its key.
Result<std::vector<KeyEntry>> usable_entries(const std::vector<KeyEntry>& entries, const std::string& key) {
    std::optional<KeySelector> selector;
    if (!key.empty()) {
        SIGNET_TRY(selector, KeySelector::parse(key));
    }
    std::vector<KeyEntry> usable;
    std::set<std::string> seen;
    for (const auto& entry : entries) {
        const bool wanted = !selector || selector->matches(entry);
        if (wanted && reason_against(entry, Purpose::decrypt, {}).empty() &&
            seen.insert(entry.token->id + ' ' + entry.certificate->fingerprint()).second) {
            usable.push_back(entry);
        }
    }
    return usable;
}

// The PKCS#11 module, loaded when the first key is needed.
class LazyTokenKeys {
  public:
    Result<x509::KeyPointer> private_key(const KeyEntry& entry) {
        if (!m_keys) {
            SIGNET_TRY(m_keys, TokenKeys::open());
        }
        return m_keys->private_key(*entry.token, *entry.key);
    }

  private:
    std::optional<TokenKeys> m_keys;
};

Result<std::string> decrypt_with_tokens(std::string_view mail, const std::vector<KeyEntry>& entries) {
    LazyTokenKeys token_keys;
    std::vector<smime::DecryptionKey> keys;
    keys.reserve(entries.size());
    for (const auto& entry : entries) {
        keys.push_back({*entry.certificate, [&token_keys, &entry] { return token_keys.private_key(entry); }});
    }
    smime::TextSink plaintext;
    SIGNET_CHECK(smime::decrypt(smime::TextSource(mail), plaintext, keys));
    return plaintext.take();
}

Result<ExitStatus> decrypt_mail(const Options& options) {
    SIGNET_TRY(const auto mail, read_file(options.streams.in, smime::max_mail_size));
    SIGNET_TRY(auto agent, Agent::connect());
    SIGNET_TRY(const auto inventory, agent.inventory());
    SIGNET_TRY(const auto entries, usable_entries(key_entries(inventory), options.key));
    const auto decrypted = decrypt_with_tokens(mail, entries);
    if (!decrypted && decrypted.error().code == ErrorCode::not_found) {
        report(decrypted.error());
        return ExitStatus::no;
    }
    if (!decrypted) {
        return Failure(decrypted.error());
    }
    SIGNET_CHECK(write_output(options.streams.out, *decrypted));
    return ExitStatus::good;
}

}  // namespace

void declare_decrypt(CLI::App& program, Action& chosen) {
    auto [command, options] =
        declare<Options>(program, "decrypt", "Decrypt a mail with a key on a token", chosen, decrypt_mail);
    add_streams(command, options.streams);
    command.add_option("--key", options.key, "Try only the keys of this address, fingerprint or PKCS#11 URI")
        ->type_name("KEY");
}

}  // namespace signet::cli
