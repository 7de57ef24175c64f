#include "piv/administrator.h"

#include "base/log.h"
#include "piv/administration_commands.h"
#include "piv/management_key.h"
#include "piv/object_writing.h"
#include "token/block_cipher.h"

namespace signet::piv {
namespace {

constexpr std::size_t guid_size = 16;
constexpr std::size_t card_identifier_size = 14;

Result<bool> is_missing(const Card& card, std::uint32_t object) {
    const auto content = get_data(card, object);
    if (!content && content.error().code != ErrorCode::not_found) {
        return Failure(content.error());
    }
    return !content.has_value();
}

// A random UUID (RFC 4122 section 4.4).
Result<Bytes> new_guid() {
    SIGNET_TRY(Bytes guid, token::random_octets(guid_size));
    guid[6] = static_cast<std::uint8_t>((guid[6] & 0x0f) | 0x40);
    guid[8] = static_cast<std::uint8_t>((guid[8] & 0x3f) | 0x80);
    return guid;
}

// No answer came, or one that makes no sense.
bool may_have_happened(const Error& error) {
    return error.code == ErrorCode::token_removed || error.code == ErrorCode::malformed ||
           (error.code == ErrorCode::driver_failed && !is_card_answer(error));
}

}  // namespace

Result<void> Administrator::authenticate(const Secret& key) {
    SIGNET_TRY(const ManagementAlgorithm algorithm,
               find_management_algorithm(card(), m_card.announced_algorithms, key));
    SIGNET_CHECK(authenticate_administrator(card(), algorithm, key));
    return resume();
}

Result<void> Administrator::begin(PendingAct act) {
    SIGNET_CHECK(give_name());
    return m_journal.begin(std::move(act));
}

Result<void> Administrator::give_name() {
    if (!m_journal.is_nameless()) {
        return {};
    }
    SIGNET_TRY(const bool no_identifier, is_missing(card(), object::card_holder_unique_identifier));
    if (!no_identifier) {
        return {};
    }
    SIGNET_TRY(const Bytes guid, new_guid());
    SIGNET_CHECK(write_identifier(card_holder_unique_identifier_for(guid, default_expiration_date)));
    CardContents named = m_card.contents;
    named.guid = guid;
    return m_journal.rename(journal_name(named));
}

Result<SlotState> Administrator::look_at(KeyReference slot) const {
    SIGNET_TRY(SlotState state, read_slot_state(card(), slot, m_journal));
    if (state.remembered_in_vain) {
        SIGNET_CHECK(m_journal.forget(slot));
    }
    return state;
}

Result<void> Administrator::write_identifier(ByteView content) {
    return put_data(card(), object::card_holder_unique_identifier, content);
}

// A card that nothing else tells from others gets a GUID also in an identifier that is there, if nobody has
// signed that.
Result<void> Administrator::personalize_identifier() {
    const auto present = get_data(card(), object::card_holder_unique_identifier);
    if (!present && present.error().code != ErrorCode::not_found) {
        return Failure(present.error());
    }
    SIGNET_TRY(const Bytes guid, new_guid());
    if (!present) {
        return write_identifier(card_holder_unique_identifier_for(guid, default_expiration_date));
    }
    const auto identifier = card_holder_unique_identifier_of(*present);
    if (m_card.contents.serial || (identifier && identifier->has_guid())) {
        return {};
    }
    if (!identifier || identifier->is_signed) {
        return failure(ErrorCode::not_allowed, "personalize",
                       std::string("the card's CHUID (5fc102) has no GUID, and is ") +
                           (identifier ? "signed by its issuer" : "not one that can be changed") +
                           "; write another one, without which the card cannot be told from others");
    }
    SIGNET_TRY(const Bytes repaired, with_guid(*present, guid));
    return write_identifier(repaired);
}

// Written where they are missing only: there is nothing to lose, and nothing to remember.
Result<void> Administrator::personalize() {
    SIGNET_CHECK(personalize_identifier());
    SIGNET_TRY(const bool no_container, is_missing(card(), object::card_capability_container));
    if (no_container) {
        SIGNET_TRY(const Bytes identifier, token::random_octets(card_identifier_size));
        SIGNET_CHECK(
            put_data(card(), object::card_capability_container, card_capability_container_for(identifier)));
    }
    SIGNET_TRY(const bool no_history, is_missing(card(), object::key_history));
    if (no_history) {
        SIGNET_CHECK(write_first_key_history(card()));
    }
    SIGNET_TRY(const bool no_discovery, is_missing(card(), object::discovery));
    if (!no_discovery) {
        return {};
    }
    auto written = put_data(card(), object::discovery, discovery_for(m_card.contents.application));
    if (!written && is_card_answer(written.error())) {
        // Some cards have it built in or not at all; it is optional.
        log::info("the card takes no discovery object: " + written.error().detail);
        return {};
    }
    return written;
}

// Cards look at both, and the PIN's state is what shows afterwards whether it has happened.
Result<void> Administrator::reset() {
    const auto before = pin_status(card(), PinReference::application);
    if (!before && !is_card_answer(before.error())) {
        return Failure(before.error());
    }
    if (before && before->tries_left != 0) {
        return failure(ErrorCode::not_allowed, "RESET", "PIN and PUK have to be blocked first");
    }
    const PendingAct act{.kind = PendingAct::Kind::reset};
    SIGNET_CHECK(m_journal.begin(act));
    if (auto done = reset_application(card()); !done) {
        return after_failure(act, std::move(done).error());
    }
    return m_journal.clear();
}

// A refusal is not taken at its word: a bit of it may have been lost on its way.
Failure Administrator::after_failure(const PendingAct& act, Error error) {
    if (may_have_happened(error)) {
        return Failure(std::move(error));
    }
    auto looked_at = act.kind == PendingAct::Kind::place_key  ? resume_placing(act)
                     : act.kind == PendingAct::Kind::move_key ? resume_moving(act)
                     : act.kind == PendingAct::Kind::reset    ? resume_resetting()
                                                              : finish_deleting_key(act);
    return Failure(looked_at ? std::move(error) : std::move(looked_at).error());
}

}  // namespace signet::piv
