#pragma once

#include "tests/support/piv_card/card_state.h"
#include "x509/certificate.h"

namespace signet::test::piv_card {

// Writes into a card's memory what an issuer writes by commands: far quicker, for tests that begin with a
// full card.

// The object that holds the certificate of a key: 9A is in 5FC105. Unknown references are a bug of the
// caller.
std::uint32_t certificate_object(std::uint8_t reference);

// A new key, without a certificate.
const PrivateKey& put_key(CardState& state, std::uint8_t reference, KeyAlgorithm algorithm,
                          KeyOrigin origin = KeyOrigin::generated);
void put_certificate(CardState& state, std::uint8_t reference, const x509::Certificate& certificate);

// A CHUID with this GUID (16 octets) and no signature, valid until the end of 2049.
void put_chuid(CardState& state, ByteView guid);
// Says that the first `on_card` retired slots hold certificates, and that more are in a file elsewhere if it
// is so.
void put_key_history(CardState& state, std::uint8_t on_card, std::uint8_t off_card = 0,
                     std::string_view url = {});

}  // namespace signet::test::piv_card
