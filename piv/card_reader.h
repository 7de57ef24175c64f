#pragma once

#include "piv/card_cache.h"
#include "piv/card_image.h"

namespace signet::piv {

// The card in a transaction.
struct PresentCard {
    ApduTransmitter& transmitter;
    bool extended_possible = false;  // by its protocol; whether it really is, the card shows
};

struct Recognition {
    CardImage image;
    PinStatus pin;
    bool was_known = false;  // the image is one of before
    bool complete = true;    // no answer was left out because it made no sense
};

// What is looked at when the whole card is read: retired keys as the key history claims them, or all places.
// Cards that tell of their keys are asked for one place beyond the history too: they are written to by
// programs that leave it as it was.
enum class RetiredKeys : std::uint8_t { claimed, all };

// Finds out what card this is, with at most five short commands when it is the one of `known`, or of the
// cache: SELECT, beginnings of the CHUID, of a certificate and of the key history, and the state of the PIN.
// Anything other than expected and the whole card is read. `round` picks the certificate, so that a change
// of any is seen in time. token_not_found: no PIV card.
Result<Recognition> recognise(const PresentCard& card, const CardImage* known, const CardCache& cache,
                              std::size_t round, RetiredKeys retired = RetiredKeys::claimed);

// The reference with which the card's PIN is verified, by its discovery object.
PinReference pin_reference_of(const CardImage& image);

}  // namespace signet::piv
