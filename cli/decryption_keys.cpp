#include "cli/decryption_keys.h"

#include "cli/agent.h"
#include "cli/key_selection.h"
#include "cli/token_module.h"
#include "cli/touch_hint.h"
#include "smime/public/convert.h"

#include <optional>
#include <set>

namespace signet::cli {
namespace {

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

}  // namespace

struct TokenDecryptionKeys::State {
    // The PKCS#11 module is loaded when the first key is needed.
    Result<x509::KeyPointer> private_key(const KeyEntry& entry) {
        if (!token_keys) {
            SIGNET_TRY(token_keys, open_token_keys());
            hint.emplace(inventory);
        }
        return cli::private_key(*token_keys, entry);
    }
    mail::Status open(const KeyEntry& entry, EVP_PKEY*& key) {
        auto opened = private_key(entry);
        key = opened ? opened->release() : nullptr;
        return mail::status_of(opened);
    }

    ipc::Inventory inventory;
    std::vector<KeyEntry> entries;  // point into the inventory
    std::optional<smime::TokenKeys> token_keys;
    std::optional<TouchHint> hint;
    std::vector<mail::DecryptionKey> keys;
};

TokenDecryptionKeys::TokenDecryptionKeys(std::unique_ptr<State> state) : m_state(std::move(state)) {}
TokenDecryptionKeys::TokenDecryptionKeys(TokenDecryptionKeys&&) noexcept = default;
TokenDecryptionKeys& TokenDecryptionKeys::operator=(TokenDecryptionKeys&&) noexcept = default;
TokenDecryptionKeys::~TokenDecryptionKeys() = default;

Result<TokenDecryptionKeys> TokenDecryptionKeys::load(const std::string& key) {
    auto state = std::make_unique<State>();
    SIGNET_TRY(auto agent, Agent::connect());
    SIGNET_TRY(state->inventory, agent.inventory());
    SIGNET_TRY(state->entries, usable_entries(key_entries(state->inventory), key));
    for (const KeyEntry& entry : state->entries) {
        const auto open = [owner = state.get(), &entry](EVP_PKEY*& opened) {
            return owner->open(entry, opened);
        };
        state->keys.push_back(
            {.certificate = entry.certificate->get(), .private_key = nullptr, .open = open});
    }
    return TokenDecryptionKeys(std::move(state));
}

const std::vector<mail::DecryptionKey>& TokenDecryptionKeys::keys() const {
    return m_state->keys;
}

}  // namespace signet::cli
