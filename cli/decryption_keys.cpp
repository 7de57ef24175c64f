#include "cli/decryption_keys.h"

#include "cli/agent.h"
#include "cli/key_selection.h"
#include "cli/token_module.h"
#include "cli/touch_hint.h"
#include "smime/public/convert.h"

#include <optional>

namespace signet::cli {
namespace {

// In the order in which they are tried, each certificate once for each token that has its key.
struct Places {
    std::vector<KeyPlace> usable;
    std::vector<KeyPlace> left_out;  // by the selector
};

Result<Places> places_for(const ipc::Inventory& inventory, const std::string& key) {
    std::optional<KeySelector> selector;
    if (!key.empty()) {
        SIGNET_TRY(selector, KeySelector::parse(key));
    }
    Places places;
    for (const auto& place : key_places(inventory)) {
        if (place.object != nullptr && key_can(*place.key, Purpose::decrypt)) {
            const bool named = !selector || selector->matches(key_entry(place));
            (named ? places.usable : places.left_out).push_back(place);
        }
    }
    if (selector && places.usable.empty()) {
        return failure(
            ErrorCode::not_found, "--key",
            "no key that is present decrypts and fits --key " + key + "; 'signet keys' lists the keys");
    }
    return places;
}

// None opens a key: that it was asked for is added to `asked`. `places` and `asked` are referred to.
std::vector<mail::DecryptionKey> keys_that_note(const std::vector<KeyPlace>& places,
                                                std::vector<std::string>& asked) {
    std::vector<mail::DecryptionKey> keys;
    for (const KeyPlace& place : places) {
        const auto note = [&asked, &place](EVP_PKEY*& key) {
            key = nullptr;
            asked.push_back(describe(key_entry(place)));
            return mail::status_of(Error{ErrorCode::not_found, "decrypt"});
        };
        keys.push_back({.certificate = nullptr,
                        .private_key = nullptr,
                        .open = note,
                        .certificate_der = as_text(place.object->der)});
    }
    return keys;
}

}  // namespace

struct TokenDecryptionKeys::State {
    // Only a mail that needs a key needs the module.
    Result<x509::KeyPointer> private_key(const KeyPlace& place) {
        if (!token_keys) {
            return Failure(token_keys.error());
        }
        if (!hint) {
            hint.emplace(inventory);
        }
        return cli::private_key(*token_keys, place);
    }
    mail::Status open(const KeyPlace& place, EVP_PKEY*& key) {
        auto opened = private_key(place);
        key = opened ? opened->release() : nullptr;
        return mail::status_of(opened);
    }

    ipc::Inventory inventory;
    Places places;  // point into the inventory
    ipc::Inventory absent;
    std::vector<KeyPlace> absent_places;  // point into it
    Result<smime::TokenKeys> token_keys = failure(ErrorCode::not_found, "PKCS#11 module", {});
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
    SIGNET_CHECK(agent.request_inventory());
    state->token_keys = open_token_keys();
    SIGNET_TRY(state->inventory, agent.requested_inventory());
    SIGNET_TRY(state->places, places_for(state->inventory, key));
    for (const KeyPlace& place : state->places.usable) {
        const auto open = [owner = state.get(), &place](EVP_PKEY*& opened) {
            return owner->open(place, opened);
        };
        state->keys.push_back({.certificate = nullptr,
                               .private_key = nullptr,
                               .open = open,
                               .certificate_der = as_text(place.object->der)});
    }
    return TokenDecryptionKeys(std::move(state));
}

const std::vector<mail::DecryptionKey>& TokenDecryptionKeys::keys() const {
    return m_state->keys;
}

std::vector<mail::DecryptionKey> TokenDecryptionKeys::left_out(std::vector<std::string>& asked) const {
    return keys_that_note(m_state->places.left_out, asked);
}

std::vector<mail::DecryptionKey> TokenDecryptionKeys::absent(std::vector<std::string>& asked) {
    auto agent = Agent::connect();
    auto tokens = agent ? agent->absent_tokens() : Result<ipc::Inventory>(Failure(agent.error()));
    if (!tokens) {
        return {};
    }
    m_state->absent = *std::move(tokens);
    auto places = places_for(m_state->absent, {});
    m_state->absent_places = places ? std::move(places->usable) : std::vector<KeyPlace>();
    return keys_that_note(m_state->absent_places, asked);
}

}  // namespace signet::cli
