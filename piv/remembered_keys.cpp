#include "piv/remembered_keys.h"

#include "base/log.h"
#include "piv/key_algorithm.h"
#include "piv/slot_state.h"
#include "x509/certificate.h"

#include <algorithm>

namespace signet::piv {
namespace {

bool has_key(const CardContents& contents, KeyReference reference) {
    return std::any_of(contents.keys.begin(), contents.keys.end(),
                       [reference](const CardKey& key) { return key.reference == reference; });
}

// Answers that make no sense leave what is remembered as it is.
Result<bool> is_still_there(const Card& card, KeyReference slot, AdministrationJournal& journal) {
    const auto state = read_slot_state(card, slot, journal);
    if (!state) {
        return state.error().code == ErrorCode::token_removed ? Result<bool>(Failure(state.error()))
                                                              : Result<bool>(true);
    }
    if (state->remembered_in_vain) {
        log::info("the key in " + text_of(slot) + " is gone: another program has removed it");
        if (const auto forgotten = journal.forget(slot); !forgotten) {
            log::warning(forgotten.error().detail);
        }
        return false;
    }
    return !state->public_key || state->public_key->public_key_info == journal.key(slot)->public_key_info;
}

void add(CardContents& contents, KeyReference reference, const Bytes& public_key_info) {
    auto key = token::public_key_from_info(public_key_info);
    const auto algorithm = key ? algorithm_of(*key) : std::nullopt;
    if (!algorithm) {
        return;
    }
    std::string id = x509::key_identifier(key->public_key_info);
    contents.keys.push_back({.reference = reference,
                             .algorithm = *algorithm,
                             .public_key = *std::move(key),
                             .id = std::move(id),
                             .pin_policy = std::nullopt,
                             .touch_policy = std::nullopt,
                             .origin = std::nullopt});
}

}  // namespace

Result<void> add_remembered_keys(CardContents& contents, AdministrationJournal& journal, const Card* asked) {
    for (const KeyReference reference : mail_keys()) {
        const RememberedKey* remembered = journal.key(reference);
        if (contents.told.contains(reference) || remembered == nullptr || !remembered->claimed ||
            has_key(contents, reference)) {
            continue;
        }
        bool there = true;
        if (asked != nullptr) {
            SIGNET_TRY(there, is_still_there(*asked, reference, journal));
        }
        if (there) {
            add(contents, reference, remembered->public_key_info);
        }
    }
    return {};
}

}  // namespace signet::piv
