#include "base/log.h"
#include "piv/administration_commands.h"
#include "piv/administrator.h"

// What becomes of an act that was interrupted: the card was pulled, the computer stopped, the answer was
// lost.
namespace signet::piv {

Result<Bytes> present_object(const Card& card, std::uint32_t object) {
    auto content = get_data(card, object);
    if (!content && content.error().code == ErrorCode::not_found) {
        return Bytes();
    }
    // Nonsense is neither what was there nor what was meant.
    if (!content && content.error().code == ErrorCode::malformed) {
        return Bytes{0};
    }
    return content;
}

Result<void> Administrator::resume() {
    if (!m_journal.pending()) {
        return {};
    }
    const PendingAct act = *m_journal.pending();
    log::info("an act on the card was interrupted; it is finished or undone now");
    switch (act.kind) {
        case PendingAct::Kind::place_key:
            return resume_placing(act);
        case PendingAct::Kind::write_object:
            return resume_writing(act);
        case PendingAct::Kind::delete_certificate:
            return resume_deleting_certificate(act);
        case PendingAct::Kind::move_key:
            return resume_moving(act);
        case PendingAct::Kind::delete_key:
            return resume_deleting_key(act);
        case PendingAct::Kind::reset:
            break;
    }
    return resume_resetting();
}

namespace {

// Before the original goes: what was read of it may have been damaged on its way.
Result<void> check_copy(const Card& card, KeyReference original, KeyReference copy) {
    SIGNET_TRY(const Bytes expected, present_object(card, *certificate_object(original)));
    SIGNET_TRY(const Bytes copied, present_object(card, *certificate_object(copy)));
    if (expected.empty() || copied != expected) {
        return failure(ErrorCode::driver_failed, "move key", "the certificate was not copied whole");
    }
    return {};
}

}  // namespace

// Nobody was told of the key, if it is there: it may be placed again. One that was there before may still be
// there where the card does not tell, and then stays what it is for everybody.
Result<void> Administrator::resume_placing(const PendingAct& act) {
    SIGNET_TRY(const SlotState state, read_slot_state(card(), act.slot, m_journal));
    if (state.key == Presence::absent && !act.done) {
        return m_journal.finish();
    }
    const Bytes told = state.public_key && state.metadata ? state.public_key->public_key_info : Bytes();
    const bool placed = act.done || (!told.empty() && (act.was_free || told != act.before));
    const Bytes& key = told.empty() ? act.after : told;
    if (placed && !key.empty()) {
        SIGNET_CHECK(remove_certificate_of_old_key(act.slot, state, key));
    }
    if (!placed && !act.was_free) {
        return m_journal.finish();
    }
    return m_journal.finish_with(act.slot, {.public_key_info = key, .claimed = false});
}

// What was written is kept, everything else is put back.
Result<void> Administrator::resume_writing(const PendingAct& act) {
    SIGNET_TRY(const Bytes present, present_object(card(), act.object));
    if (present == act.after) {
        for (const KeyReference slot : mail_keys()) {
            if (certificate_object(slot) == act.object && !act.after.empty()) {
                SIGNET_CHECK(cover_in_key_history(card(), slot));
                SIGNET_CHECK(m_journal.forget(slot));
            }
        }
    } else if (present != act.before) {
        SIGNET_CHECK(put_data(card(), act.object, act.before));
    }
    return m_journal.finish();
}

Result<void> Administrator::resume_deleting_certificate(const PendingAct& act) {
    SIGNET_TRY(const SlotState state, read_slot_state(card(), act.slot, m_journal));
    if (state.certificate_object == act.before) {
        SIGNET_CHECK(erase_certificate(act.slot, state));
    }
    // A card that does not tell its public keys: the certificate was what told.
    const RememberedKey* remembered = m_journal.key(act.slot);
    const auto& told = state.public_key ? state.public_key : state.certified_key;
    if (remembered == nullptr && told && !state.metadata) {
        return m_journal.finish_with(act.slot, {.public_key_info = told->public_key_info});
    }
    return m_journal.finish();
}

Result<void> Administrator::resume_moving(const PendingAct& act) {
    SIGNET_TRY(const SlotState target, read_slot_state(card(), act.target, m_journal));
    SIGNET_TRY(const SlotState source, read_slot_state(card(), act.slot, m_journal));
    const bool moved = target.key == Presence::there && source.key == Presence::absent;
    if (moved && !source.certificate_object.empty()) {
        SIGNET_CHECK(put_data(card(), *certificate_object(act.target), source.certificate_object));
        SIGNET_CHECK(cover_in_key_history(card(), act.target));
        SIGNET_CHECK(check_copy(card(), act.slot, act.target));
        SIGNET_CHECK(erase_certificate(act.slot, source));
    }
    const RememberedKey* remembered = moved ? m_journal.key(act.slot) : nullptr;
    if (remembered == nullptr) {
        return m_journal.finish();
    }
    SIGNET_CHECK(m_journal.finish_with(act.target, RememberedKey(*remembered)));
    return m_journal.forget(act.slot);
}

// The key goes first: where the card refuses that, nothing is lost.
Result<void> Administrator::resume_deleting_key(const PendingAct& act) {
    SIGNET_TRY(const SlotState state, read_slot_state(card(), act.slot, m_journal));
    const Bytes told = state.public_key ? state.public_key->public_key_info : Bytes();
    if (state.key == Presence::there && told == act.before) {
        if (auto deleted = piv::delete_key(card(), act.slot); !deleted) {
            return after_failure(act, std::move(deleted).error());
        }
    }
    return finish_deleting_key(act);
}

// Without its key the certificate is of no use.
Result<void> Administrator::finish_deleting_key(const PendingAct& act) {
    SIGNET_TRY(const SlotState state, read_slot_state(card(), act.slot, m_journal));
    if (state.key != Presence::absent) {
        return m_journal.finish();
    }
    SIGNET_CHECK(erase_certificate(act.slot, state));
    SIGNET_CHECK(m_journal.finish());
    return m_journal.forget(act.slot);
}

// A card that was reset has a PIN that is not blocked.
Result<void> Administrator::resume_resetting() {
    const auto status = pin_status(card(), PinReference::application);
    if (!status && !is_card_answer(status.error())) {
        return Failure(status.error());
    }
    return status && status->tries_left != 0 ? m_journal.clear() : m_journal.finish();
}

}  // namespace signet::piv
