#include "piv/administration_commands.h"
#include "piv/administrator.h"
#include "x509/certificate.h"

#include <algorithm>

namespace signet::piv {
namespace {

Failure another_key(KeyReference slot) {
    return failure(ErrorCode::not_allowed, "store certificate",
                   "the certificate is not for the key in " + text_of(slot));
}

// The slot whose certificate lies in this object.
std::optional<KeyReference> slot_of(std::uint32_t object) {
    const auto& slots = mail_keys();
    const auto* found = std::find_if(slots.begin(), slots.end(), [object](KeyReference slot) {
        return certificate_object(slot) == object;
    });
    return found == slots.end() ? std::nullopt : std::optional(*found);
}

}  // namespace

// What the card says of the key decides, and what was placed just now; a certificate that is there has been
// looked at before; else the card has to show that it holds the key: another program may have placed one
// since the journal was written.
Result<void> Administrator::check_ownership(KeyReference slot, const SlotState& state,
                                            const token::PublicKey& key) const {
    const auto* known = state.public_key      ? &*state.public_key
                        : state.certified_key ? &*state.certified_key
                                              : nullptr;
    const auto placed = m_placed.find(slot);
    if ((known != nullptr && known->public_key_info == key.public_key_info) ||
        (placed != m_placed.end() && placed->second == key.public_key_info)) {
        return {};
    }
    if (state.public_key) {
        return another_key(slot);
    }
    SIGNET_TRY(const bool held, holds_private_key(card(), slot, key, m_card.verify_pin));
    return held ? Result<void>() : another_key(slot);
}

Result<void> Administrator::write(std::uint32_t object, Bytes before, Bytes after) {
    PendingAct act{.kind = PendingAct::Kind::write_object,
                   .object = object,
                   .before = std::move(before),
                   .after = std::move(after)};
    // It might be put back: a damaged answer must not be.
    SIGNET_TRY(const Bytes read_again, present_object(card(), object));
    if (read_again != act.before) {
        return failure(ErrorCode::driver_failed, "put object", "the card's answers contradict each other");
    }
    SIGNET_CHECK(begin(act));
    if (auto written = put_data(card(), object, act.after); !written) {
        if (is_card_answer(written.error())) {
            SIGNET_CHECK(resume_writing(act));
        }
        return Failure(std::move(written).error());
    }
    const auto slot = slot_of(object);
    if (slot) {
        SIGNET_CHECK(cover_in_key_history(card(), *slot));
    }
    SIGNET_CHECK(m_journal.finish());
    // From now on the certificate tells of the key.
    return slot ? m_journal.forget(*slot) : Result<void>();
}

Result<void> Administrator::store_certificate(KeyReference slot, ByteView der, bool overwrite) {
    auto certificate = x509::Certificate::from_der(der);
    if (!certificate) {
        return failure(ErrorCode::invalid_parameter, "store certificate", "certificate");
    }
    SIGNET_TRY(const token::PublicKey key, token::public_key_from_info(certificate->public_key_info()));
    SIGNET_TRY(SlotState state, look_at(slot));
    if (state.key == Presence::absent) {
        return failure(ErrorCode::key_not_found, "store certificate", "no key is in " + text_of(slot));
    }
    const auto present = certificate_of(state.certificate_object);
    const bool same = present && std::equal(present->begin(), present->end(), der.begin(), der.end());
    if (!state.certificate_object.empty() && !same && !overwrite) {
        return failure(ErrorCode::not_allowed, "store certificate",
                       "another certificate is in " + text_of(slot) + " already; it would be lost");
    }
    SIGNET_CHECK(check_ownership(slot, state, key));
    if (same) {
        return cover_in_key_history(card(), slot);
    }
    return write(*certificate_object(slot), std::move(state.certificate_object), certificate_object_for(der));
}

// The history first: other programs stop looking for the certificate before it goes.
Result<void> Administrator::erase_certificate(KeyReference slot, const SlotState& state) {
    if (state.certificate_object.empty()) {
        return {};
    }
    SIGNET_CHECK(uncover_in_key_history(card(), slot));
    return put_data(card(), *certificate_object(slot), {});
}

Result<void> Administrator::delete_certificate(KeyReference slot) {
    SIGNET_TRY(SlotState state, look_at(slot));
    if (state.certificate_object.empty()) {
        return failure(ErrorCode::key_not_found, "delete certificate",
                       "no certificate is in " + text_of(slot));
    }
    const PendingAct act{.kind = PendingAct::Kind::delete_certificate,
                         .slot = slot,
                         .before = std::move(state.certificate_object)};
    SIGNET_CHECK(begin(act));
    return resume_deleting_certificate(act);
}

// Without a serial number it is what the card is known by.
Result<void> Administrator::check_identifier(ByteView content) const {
    const auto identifier = card_holder_unique_identifier_of(content);
    return m_card.contents.serial || (identifier && identifier->has_guid())
               ? Result<void>()
               : failure(ErrorCode::not_allowed, "put object",
                         "a card without serial number needs a CHUID with a GUID to be told from others");
}

Result<void> Administrator::put_object(std::uint32_t object, ByteView content) {
    if (slot_of(object)) {
        return failure(ErrorCode::not_allowed, "put object",
                       "certificates are stored and deleted with their keys");
    }
    if (object == object::attestation_certificate) {
        return failure(ErrorCode::not_allowed, "put object",
                       "the maker's certificate of the attestation key could not be had again");
    }
    if (object == object::card_holder_unique_identifier) {
        SIGNET_CHECK(check_identifier(content));
        if (m_journal.is_nameless()) {
            return write_identifier(content);
        }
    }
    auto before = get_data(card(), object);
    // What cannot be read without a PIN can still be written, though not put back.
    if (!before && before.error().code != ErrorCode::not_found &&
        before.error().code != ErrorCode::pin_required) {
        return Failure(std::move(before).error());
    }
    if (!before && before.error().code == ErrorCode::pin_required) {
        return put_data(card(), object, content);
    }
    return write(object, before.value_or(Bytes()), Bytes(content.begin(), content.end()));
}

}  // namespace signet::piv
