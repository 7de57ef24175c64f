#include "piv/administrator.h"

#include <algorithm>

namespace signet::piv {
namespace {

// Infineon's library in these made RSA keys that can be factored (CVE-2017-15361).
constexpr Version first_with_weak_keys{4, 2, 6};
constexpr Version first_with_good_keys{4, 3, 5};

bool is_rsa(KeyAlgorithm algorithm) {
    return algorithm == KeyAlgorithm::rsa2048 || algorithm == KeyAlgorithm::rsa3072 ||
           algorithm == KeyAlgorithm::rsa4096;
}

bool is_retired(KeyReference slot) {
    return slot <= last_retired_key;
}

KeyPolicies policies_of(const token::KeyPlacement& placement) {
    return {.pin = placement.pin_policy, .touch = placement.touch_policy};
}

Failure occupied(KeyReference slot, std::string_view by) {
    return failure(ErrorCode::not_allowed, "place key",
                   std::string(by) + " is in " + text_of(slot) + " already; it would be lost");
}

Bytes info_of(const std::optional<token::PublicKey>& key) {
    return key ? key->public_key_info : Bytes();
}

}  // namespace

Result<void> Administrator::check_possible(KeyAlgorithm algorithm, KeyReference slot,
                                           const KeyPolicies& policies, bool generation) const {
    auto version = firmware_version(card());
    if (version) {
        const bool weak = *version >= first_with_weak_keys && *version < first_with_good_keys;
        return generation && weak && is_rsa(algorithm)
                   ? failure(ErrorCode::unsupported, "generate key",
                             "this card's firmware makes weak RSA keys (CVE-2017-15361)")
                   : Result<void>();
    }
    if (version.error().code != ErrorCode::unsupported) {
        return Failure(std::move(version).error());
    }
    if (policies.pin || policies.touch) {
        return failure(ErrorCode::unsupported, "place key", "PIN and touch policies on this card");
    }
    if (generation && is_retired(slot)) {
        return failure(ErrorCode::unsupported, "generate key", "keys made in retired slots of this card");
    }
    return {};
}

bool Administrator::was_begun_in(KeyReference slot, const token::PublicKey& key) const {
    const RememberedKey* remembered = m_journal.key(slot);
    return remembered != nullptr && !remembered->claimed &&
           remembered->public_key_info == key.public_key_info;
}

Result<std::optional<KeyReference>> Administrator::retired_slot_for(const token::PublicKey& key) const {
    for (const KeyReference slot : mail_keys()) {
        if (is_retired(slot) && was_begun_in(slot, key)) {
            return std::optional(slot);
        }
    }
    for (const KeyReference slot : mail_keys()) {
        if (!is_retired(slot)) {
            continue;
        }
        SIGNET_TRY(const auto certified, read_certified_key(card(), slot));
        if (!certified || certified->public_key_info != key.public_key_info) {
            continue;
        }
        SIGNET_TRY(const SlotState state, look_at(slot));
        if (state.key == Presence::absent) {
            return std::optional(slot);
        }
    }
    return std::optional<KeyReference>();
}

Result<KeyReference> Administrator::free_retired_slot() const {
    bool unknown = false;
    for (const KeyReference slot : mail_keys()) {
        if (!is_retired(slot)) {
            continue;
        }
        SIGNET_TRY(const SlotState state, look_at(slot));
        if (state.key == Presence::absent && state.certificate_object.empty()) {
            return slot;
        }
        unknown = unknown || state.key == Presence::unknown;
    }
    return failure(ErrorCode::not_allowed, "place key",
                   unknown ? "the card does not tell which retired slots are free; name one"
                           : "no retired slot is free");
}

// Not one in which placing the key was interrupted: that is begun again.
Result<std::optional<KeyReference>> Administrator::retired_slot_with(const token::PublicKey& key) const {
    for (const KeyReference slot : mail_keys()) {
        const RememberedKey* remembered = m_journal.key(slot);
        if (!is_retired(slot) || (remembered != nullptr && !remembered->claimed)) {
            continue;
        }
        SIGNET_TRY(const bool there, has_key(card(), slot, m_journal, key, m_card.verify_pin));
        if (there) {
            return std::optional(slot);
        }
    }
    return std::optional<KeyReference>();
}

Result<KeyReference> Administrator::place_for(const token::KeyPlacement& placement,
                                              const token::PublicKey* key) const {
    if (!placement.slot.empty()) {
        const auto slot = key_reference_from_text(placement.slot);
        return slot ? Result<KeyReference>(*slot)
                    : failure(ErrorCode::invalid_parameter, "place key", "slot");
    }
    if (key != nullptr) {
        SIGNET_TRY(const auto own, retired_slot_for(*key));
        if (own) {
            return *own;
        }
    }
    return free_retired_slot();
}

Result<SlotState> Administrator::state_for_new_key(KeyReference slot, bool overwrite,
                                                   const Bytes* public_key_info) const {
    SIGNET_TRY(SlotState state, look_at(slot));
    if (overwrite) {
        return state;
    }
    // The certificate of the key that comes back stays.
    const bool its_own = public_key_info != nullptr && state.certified_key &&
                         state.certified_key->public_key_info == *public_key_info;
    if (!state.certificate_object.empty() && !its_own) {
        return occupied(slot, "a certificate");
    }
    if (state.key == Presence::absent || state.made_by_interrupted_act) {
        return state;
    }
    return occupied(
        slot, state.key == Presence::there ? "a key" : "perhaps a key, of which the card does not tell,");
}

Result<PendingAct> Administrator::begin_placing(KeyReference slot, const SlotState& state,
                                                Bytes public_key_info) {
    PendingAct act{.kind = PendingAct::Kind::place_key,
                   .slot = slot,
                   .before = info_of(state.public_key),
                   .after = std::move(public_key_info),
                   .was_free = state.key == Presence::absent || state.made_by_interrupted_act};
    SIGNET_CHECK(begin(act));
    return act;
}

// With another key in the slot the certificate that is there would name the wrong one.
Result<void> Administrator::remove_certificate_of_old_key(KeyReference slot, const SlotState& state,
                                                          ByteView public_key_info) {
    const bool fits = state.certified_key && std::equal(public_key_info.begin(), public_key_info.end(),
                                                        state.certified_key->public_key_info.begin(),
                                                        state.certified_key->public_key_info.end());
    return state.certificate_object.empty() || fits ? Result<void>() : erase_certificate(slot, state);
}

Result<token::PlacedKey> Administrator::finish_placing(PendingAct act, const SlotState& state,
                                                       Bytes public_key_info) {
    act.after = public_key_info;
    act.done = true;
    const KeyReference slot = act.slot;
    SIGNET_CHECK(begin(std::move(act)));
    SIGNET_CHECK(remove_certificate_of_old_key(slot, state, public_key_info));
    SIGNET_CHECK(m_journal.finish_with(slot, {.public_key_info = public_key_info}));
    m_placed[slot] = public_key_info;
    return token::PlacedKey{.slot = text_of(slot), .public_key_info = std::move(public_key_info)};
}

Result<token::PlacedKey> Administrator::generate_key(KeyAlgorithm algorithm,
                                                     const token::KeyPlacement& placement) {
    if (placement.slot.empty()) {
        return failure(ErrorCode::invalid_parameter, "generate key", "slot");
    }
    SIGNET_TRY(const KeyReference slot, place_for(placement, nullptr));
    const KeyPolicies policies = policies_of(placement);
    SIGNET_CHECK(check_possible(algorithm, slot, policies, true));
    SIGNET_TRY(const SlotState state, state_for_new_key(slot, placement.overwrite, nullptr));
    SIGNET_TRY(PendingAct act, begin_placing(slot, state, {}));
    auto key = piv::generate_key(card(), slot, algorithm, policies);
    if (!key) {
        return after_failure(act, std::move(key).error());
    }
    return finish_placing(std::move(act), state, std::move(key->public_key_info));
}

Result<token::PlacedKey> Administrator::import_key(const Secret& private_key_info,
                                                   const token::KeyPlacement& placement) {
    SIGNET_TRY(const token::PrivateKey key, token::private_key_from_info(private_key_info));
    const Bytes& info = key.public_key.public_key_info;
    if (placement.slot.empty()) {
        SIGNET_TRY(const auto present, retired_slot_with(key.public_key));
        if (present) {
            m_placed[*present] = info;
            return token::PlacedKey{.slot = text_of(*present), .public_key_info = info, .was_there = true};
        }
    }
    SIGNET_TRY(const KeyReference slot, place_for(placement, &key.public_key));
    const KeyPolicies policies = policies_of(placement);
    SIGNET_CHECK(check_possible(key.algorithm, slot, policies, false));
    SIGNET_TRY(const SlotState state, state_for_new_key(slot, placement.overwrite, &info));
    SIGNET_TRY(PendingAct act, begin_placing(slot, state, info));
    auto imported = piv::import_key(card(), slot, key, policies);
    if (!imported) {
        return after_failure(act, std::move(imported).error());
    }
    return finish_placing(std::move(act), state, info);
}

Result<void> Administrator::check_that_keys_move(std::string_view what) const {
    const auto version = firmware_version(card());
    if (!version && version.error().code != ErrorCode::unsupported) {
        return Failure(version.error());
    }
    return version && *version >= first_version_with_moving_keys
               ? Result<void>()
               : failure(ErrorCode::unsupported, "administer keys", std::string(what) + " on this card");
}

Result<void> Administrator::move_key(KeyReference from, KeyReference to) {
    SIGNET_CHECK(check_that_keys_move("moving keys"));
    SIGNET_TRY(const SlotState state, look_at(from));
    if (state.key == Presence::absent) {
        return failure(ErrorCode::key_not_found, "move key", "no key is in " + text_of(from));
    }
    SIGNET_TRY(const SlotState target, look_at(to));
    if (target.key != Presence::absent || !target.certificate_object.empty()) {
        return occupied(to, target.key != Presence::absent ? "a key" : "a certificate");
    }
    const PendingAct act{.kind = PendingAct::Kind::move_key, .slot = from, .target = to};
    SIGNET_CHECK(begin(act));
    if (auto moved = piv::move_key(card(), from, to); !moved) {
        return after_failure(act, std::move(moved).error());
    }
    return resume_moving(act);
}

Result<void> Administrator::delete_key(KeyReference slot) {
    SIGNET_CHECK(check_that_keys_move("deleting keys"));
    SIGNET_TRY(const SlotState state, look_at(slot));
    if (state.key == Presence::absent) {
        return failure(ErrorCode::key_not_found, "delete key", "no key is in " + text_of(slot));
    }
    const PendingAct act{
        .kind = PendingAct::Kind::delete_key, .slot = slot, .before = info_of(state.public_key)};
    SIGNET_CHECK(begin(act));
    return resume_deleting_key(act);
}

}  // namespace signet::piv
