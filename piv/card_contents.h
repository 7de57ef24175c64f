#pragma once

#include "base/token_terms.h"
#include "piv/card_image.h"
#include "token/public_key.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace signet::piv {

struct CardKey {
    KeyReference reference{};
    Algorithm algorithm{};
    token::PublicKey public_key;
    std::string id;  // x509::key_identifier
    // Where the card tells.
    std::optional<KeyPinPolicy> pin_policy;
    std::optional<KeyTouchPolicy> touch_policy;
    std::optional<KeyOrigin> origin;

    // What the card demands before a use, as far as is known.
    [[nodiscard]] KeyPinPolicy pin_demand() const;
    [[nodiscard]] bool wants_touch() const;
};

struct CardCertificate {
    KeyReference slot{};
    Bytes der;
    std::string key_id;  // of its public key, whether that key is on the card or not
};

// The token id of a card that nothing tells from others: no serial number, no GUID, no key that shows.
inline constexpr std::string_view nameless_card = "piv:empty";

// What a card is and holds, made of its image. An object that makes no sense is left out.
struct CardContents {
    std::string token_id;
    Application application{};
    std::optional<Version> firmware;      // Yubico's
    std::optional<std::uint32_t> serial;  // Yubico's
    Bytes guid;                           // empty: none
    std::string expiration_date;          // YYYYMMDD; empty: not told
    PinReference pin = PinReference::application;
    std::vector<CardKey> keys;
    std::vector<CardCertificate> certificates;
    // Where the card itself has said which key is there, or that there is none.
    std::set<KeyReference> told;

    // By CardKey::id; null when the card has no such key.
    [[nodiscard]] const CardKey* key(const std::string& key_id) const;
};
CardContents contents_of(const CardImage& image);

// The name under which acts on the card are remembered; empty for one that has neither a serial number nor a
// GUID. Keys tell no cards apart: an escrowed one may be on several.
std::string journal_name(const CardContents& contents);

}  // namespace signet::piv
