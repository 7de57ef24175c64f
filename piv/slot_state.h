#pragma once

#include "piv/administration_journal.h"
#include "piv/commands.h"
#include "piv/vendor.h"
#include "token/public_key.h"

#include <functional>
#include <optional>

namespace signet::piv {

enum class Presence : std::uint8_t { absent, there, unknown };

// What can be found out about one slot without a PIN, by whatever the card has: metadata, attestation, and
// last how the card answers to a use of the key. Its certificate and the journal may have outlived the key.
struct SlotState {
    Presence key = Presence::unknown;
    std::optional<Metadata> metadata;
    // Of the key, for sure. Neither a certificate nor the journal is a proof.
    std::optional<token::PublicKey> public_key;
    Bytes certificate_object;                       // empty: none
    std::optional<token::PublicKey> certified_key;  // of the certificate, where it can be read
    bool made_by_interrupted_act = false;           // nobody was told of the key
    bool remembered_in_vain = false;                // the journal has a key that is not there any more
};

Result<SlotState> read_slot_state(const Card& card, KeyReference slot, const AdministrationJournal& journal);

// Of the certificate that lies with the key.
Result<std::optional<token::PublicKey>> read_certified_key(const Card& card, KeyReference slot);

// Hands the PIN to the card.
using VerifyPin = std::function<Result<void>()>;

// Whether the card holds the private half, by a use of it, directly before which `verify_pin` is called where
// it is not empty. pin_required: the card wants the PIN. unsupported: the key does nothing that could prove
// it.
Result<bool> holds_private_key(const Card& card, KeyReference slot, const token::PublicKey& key,
                               const VerifyPin& verify_pin);

// Whether this key is in the slot. Where the card does not tell, one of which the journal or the certificate
// tells has to prove itself, as with holds_private_key(): another program may have put one there since.
Result<bool> has_key(const Card& card, KeyReference slot, const AdministrationJournal& journal,
                     const token::PublicKey& key, const VerifyPin& verify_pin);

}  // namespace signet::piv
