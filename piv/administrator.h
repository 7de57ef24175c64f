#pragma once

#include "piv/administration_journal.h"
#include "piv/card_contents.h"
#include "piv/key_commands.h"
#include "piv/slot_state.h"
#include "token/administration.h"

namespace signet::piv {

// A card whose application is selected, in one transaction.
struct AdministeredCard {
    Card card;
    const CardContents& contents;  // as they were before the acts
    Bytes announced_algorithms;    // of the SELECT answer
    VerifyPin verify_pin;          // empty where nobody has logged in
};

// What token::Administration says, on one card in one transaction. Acts on keys, certificates and objects go
// through the journal: one that was interrupted is finished or undone before the next one begins.
class Administrator {
  public:
    // Both are borrowed.
    Administrator(const AdministeredCard& card, AdministrationJournal& journal)
        : m_card(card), m_journal(journal) {}

    // Comes before all acts below. Finishes what was interrupted.
    Result<void> authenticate(const Secret& key);

    Result<token::PlacedKey> generate_key(KeyAlgorithm algorithm, const token::KeyPlacement& placement);
    Result<token::PlacedKey> import_key(const Secret& private_key_info, const token::KeyPlacement& placement);
    Result<void> store_certificate(KeyReference slot, ByteView der, bool overwrite);
    Result<void> delete_certificate(KeyReference slot);
    Result<void> move_key(KeyReference from, KeyReference to);
    Result<void> delete_key(KeyReference slot);
    Result<void> put_object(std::uint32_t object, ByteView content);
    Result<void> personalize();
    // Wants no authentication: that PIN and PUK are blocked is enough. not_allowed while they are not.
    Result<void> reset();

  private:
    [[nodiscard]] const Card& card() const { return m_card.card; }
    // Before the card is changed.
    Result<void> begin(PendingAct act);
    // A card without serial number and CHUID gets a GUID: what is known of it is not to be taken for what is
    // known of another.
    Result<void> give_name();
    Result<void> write_identifier(ByteView content);
    Result<void> personalize_identifier();

    // What the journal remembers in vain is forgotten.
    [[nodiscard]] Result<SlotState> look_at(KeyReference slot) const;

    // administrator_keys.cpp
    Result<void> check_possible(KeyAlgorithm algorithm, KeyReference slot, const KeyPolicies& policies,
                                bool generation) const;
    [[nodiscard]] Result<KeyReference> place_for(const token::KeyPlacement& placement,
                                                 const token::PublicKey* key) const;
    // Moving and deleting them came with the same firmware.
    [[nodiscard]] Result<void> check_that_keys_move(std::string_view what) const;
    [[nodiscard]] Result<std::optional<KeyReference>> retired_slot_with(const token::PublicKey& key) const;
    // A key that is brought in goes to where it was begun to be placed, or where its certificate lies.
    [[nodiscard]] bool was_begun_in(KeyReference slot, const token::PublicKey& key) const;
    [[nodiscard]] Result<std::optional<KeyReference>> retired_slot_for(const token::PublicKey& key) const;
    [[nodiscard]] Result<KeyReference> free_retired_slot() const;
    // `public_key_info`: of a key that is brought in; null for one that the card will make.
    Result<SlotState> state_for_new_key(KeyReference slot, bool overwrite,
                                        const Bytes* public_key_info) const;
    Result<PendingAct> begin_placing(KeyReference slot, const SlotState& state, Bytes public_key_info);
    Result<token::PlacedKey> finish_placing(PendingAct act, const SlotState& state, Bytes public_key_info);
    Result<void> remove_certificate_of_old_key(KeyReference slot, const SlotState& state,
                                               ByteView public_key_info);

    // administrator_certificates.cpp
    Result<void> check_ownership(KeyReference slot, const SlotState& state,
                                 const token::PublicKey& key) const;
    Result<void> write(std::uint32_t object, Bytes before, Bytes after);
    [[nodiscard]] Result<void> check_identifier(ByteView content) const;
    Result<void> erase_certificate(KeyReference slot, const SlotState& state);

    // administrator_recovery.cpp
    Result<void> resume();
    Result<void> resume_placing(const PendingAct& act);
    Result<void> resume_writing(const PendingAct& act);
    Result<void> resume_deleting_certificate(const PendingAct& act);
    Result<void> resume_moving(const PendingAct& act);
    Result<void> resume_deleting_key(const PendingAct& act);
    Result<void> finish_deleting_key(const PendingAct& act);
    Result<void> resume_resetting();
    // After an act failed: one that was refused is over.
    Failure after_failure(const PendingAct& act, Error error);

    const AdministeredCard& m_card;
    AdministrationJournal& m_journal;
    std::map<KeyReference, Bytes> m_placed;  // public keys of what was placed, or found, in this transaction
};

// Empty where there is none.
Result<Bytes> present_object(const Card& card, std::uint32_t object);

// Key History (SP 800-73-4 part 1 section 3.3.3) counts the retired keys with certificates from 82 on. Other
// programs read no further than it says: it covers the last of them also where there are gaps.
Result<void> cover_in_key_history(const Card& card, KeyReference slot);
// The certificate of `slot` is about to go.
Result<void> uncover_in_key_history(const Card& card, KeyReference slot);
// For a card that has none: covers what is there.
Result<void> write_first_key_history(const Card& card);

}  // namespace signet::piv
