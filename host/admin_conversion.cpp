#include "host/admin_conversion.h"

#include <utility>

namespace signet::host {
namespace {

// A count that is below zero is none.
std::optional<std::uint32_t> count(const std::optional<int>& value) {
    return value && *value >= 0 ? std::optional(static_cast<std::uint32_t>(*value)) : std::nullopt;
}

ipc::PinDetails pin_to_wire(const token::PinDetails& pin) {
    return {.tries_left = count(pin.tries_left),
            .tries_total = count(pin.tries_total),
            .is_default = pin.is_default};
}

ipc::SlotDetails slot_to_wire(token::SlotDetails slot) {
    return {.slot = std::move(slot.slot),
            .algorithm = slot.algorithm,
            .public_key_info = std::move(slot.public_key_info),
            .certificate = std::move(slot.certificate),
            .pin_policy = slot.pin_policy,
            .touch_policy = slot.touch_policy,
            .origin = slot.origin,
            .unclaimed = slot.unclaimed};
}

}  // namespace

ipc::TokenDetails to_wire(token::TokenDetails details) {
    ipc::TokenDetails result{.id = std::move(details.id),
                             .model = printable_utf8(details.model),
                             .serial = printable_utf8(details.serial),
                             .firmware = printable_utf8(details.firmware),
                             .application = printable_utf8(details.application),
                             .reader = printable_utf8(details.reader),
                             .guid = printable_utf8(details.guid),
                             .expiration_date = printable_utf8(details.expiration_date),
                             .authorization = details.authorization,
                             .management_algorithm = details.management_algorithm,
                             .management_key_is_default = details.management_key_is_default,
                             .pin = pin_to_wire(details.pin),
                             .unblocking = pin_to_wire(details.unblocking),
                             .pin_pad = details.pin_pad,
                             .moves_keys = details.moves_keys,
                             .slots = {}};
    for (token::SlotDetails& slot : details.slots) {
        result.slots.push_back(slot_to_wire(std::move(slot)));
    }
    return result;
}

ipc::PlacedKey to_wire(token::PlacedKey key) {
    return {.slot = std::move(key.slot),
            .public_key_info = std::move(key.public_key_info),
            .was_there = key.was_there};
}

token::KeyPlacement placement(const ipc::AdminCall& call) {
    return {.slot = call.slot,
            .pin_policy = call.pin_policy,
            .touch_policy = call.touch_policy,
            .label = call.label,
            .overwrite = call.overwrite,
            .certificate = call.certificate};
}

}  // namespace signet::host
