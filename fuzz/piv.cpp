#include "base/log.h"
#include "fuzz/fuzzed_card.h"
#include "piv/apdu.h"
#include "piv/card_cache.h"
#include "piv/card_contents.h"
#include "piv/card_reader.h"
#include "piv/describe.h"
#include "piv/objects.h"
#include "piv/tlv.h"

#include <algorithm>

namespace {

using namespace signet;
using fuzz::FuzzedCard;

// Everything that is made of what a card says of itself.
void read_card(ByteView answers) {
    const piv::CardCache no_cache("/nonexistent", {});
    for (const bool extended : {false, true}) {
        FuzzedCard card(answers);
        const auto recognition =
            piv::recognise({.transmitter = card, .extended_possible = extended}, nullptr, no_cache, 0);
        if (recognition) {
            (void)describe(contents_of(recognition->image), recognition->pin, {});
        }
    }
}

void read_cache(ByteView file) {
    const auto image = piv::decode_card_image(file);
    if (!image) {
        return;
    }
    const auto again = piv::decode_card_image(encode(*image));
    if (!again || *again != *image) {
        __builtin_trap();
    }
    (void)describe(contents_of(*image), {}, {});
    // A card that answers with the same octets meets what the file claims.
    FuzzedCard card(file);
    const piv::CardCache no_cache("/nonexistent", {});
    (void)piv::recognise({.transmitter = card}, &*image, no_cache, 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    log::set_level(log::Level::error);
    const ByteView input(data, size);
    FuzzedCard card(input);
    const Bytes command(300, 0);
    for (const auto form : {piv::LengthForm::short_form, piv::LengthForm::extended}) {
        const auto response =
            exchange(card, {.instruction = 0xcb, .data = command, .expects_data = true}, form);
        if (response && response->data.size() > piv::max_response_size) {
            __builtin_trap();
        }
    }
    read_card(input);
    read_cache(input);
    (void)piv::metadata_of(input);
    (void)piv::tlv_size(input);
    (void)piv::certificate_of(input);
    (void)piv::card_holder_unique_identifier_of(input);
    (void)piv::discovery_of(input);
    (void)piv::application_properties_of(input);
    if (const auto history = piv::key_history_of(input);
        history && history->on_card + history->off_card > piv::retired_key_count) {
        __builtin_trap();
    }
    return 0;
}
