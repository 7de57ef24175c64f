#include "base/log.h"
#include "piv/administration_commands.h"
#include "piv/administrator.h"
#include "piv/object_writing.h"

namespace signet::piv {
namespace {

int position_of(KeyReference slot) {
    return static_cast<int>(slot) - static_cast<int>(first_retired_key) + 1;
}

bool is_retired(KeyReference slot) {
    return slot >= first_retired_key && slot <= last_retired_key;
}

// A missing or senseless object counts as one that says nothing.
Result<KeyHistory> read_history(const Card& card) {
    auto object = get_data(card, object::key_history);
    if (!object && object.error().code == ErrorCode::not_found) {
        return KeyHistory();
    }
    if (!object) {
        return Failure(std::move(object).error());
    }
    return key_history_of(*object).value_or(KeyHistory());
}

Result<void> write_history(const Card& card, KeyHistory history, int on_card) {
    history.on_card = on_card;
    if (history.on_card + history.off_card > retired_key_count) {
        log::warning("the key history of the card contradicts itself; it is left as it is");
        return {};
    }
    return put_data(card, object::key_history, key_history_for(history));
}

Result<bool> has_certificate(const Card& card, int position) {
    const auto first = *certificate_object(first_retired_key);
    const auto object = get_data(card, first + static_cast<std::uint32_t>(position) - 1);
    if (!object && object.error().code != ErrorCode::not_found) {
        return Failure(object.error());
    }
    return object.has_value();
}

// The last retired key up to this one that has a certificate; 0: none has.
Result<int> last_with_certificate(const Card& card, int position) {
    for (; position > 0; --position) {
        SIGNET_TRY(const bool there, has_certificate(card, position));
        if (there) {
            break;
        }
    }
    return position;
}

}  // namespace

Result<void> write_first_key_history(const Card& card) {
    SIGNET_TRY(const int last, last_with_certificate(card, retired_key_count));
    return write_history(card, {}, last);
}

Result<void> cover_in_key_history(const Card& card, KeyReference slot) {
    if (!is_retired(slot)) {
        return {};
    }
    SIGNET_TRY(const KeyHistory history, read_history(card));
    const int position = position_of(slot);
    return history.on_card >= position ? Result<void>() : write_history(card, history, position);
}

Result<void> uncover_in_key_history(const Card& card, KeyReference slot) {
    if (!is_retired(slot)) {
        return {};
    }
    SIGNET_TRY(const KeyHistory history, read_history(card));
    if (history.on_card > position_of(slot)) {
        return {};
    }
    SIGNET_TRY(const int last, last_with_certificate(card, position_of(slot) - 1));
    return history.on_card == last ? Result<void>() : write_history(card, history, last);
}

}  // namespace signet::piv
