#pragma once

#include "tests/support/piv_card/card_state.h"

namespace signet::test::piv_card {

// Makes the attestation key F9, its certificate under a new root, and keeps the root's certificate.
void install_attestation(CardState& state);

// A certificate, DER, for a generated key, signed by F9, with Yubico's extensions
// 1.3.6.1.4.1.41482.3.{3 version, 7 serial, 8 policies, 9 form factor}.
Bytes attest(const CardState& state, std::uint8_t reference);

}  // namespace signet::test::piv_card
