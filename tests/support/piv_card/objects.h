#pragma once

#include "tests/support/piv_card/settings.h"
#include "tests/support/piv_card/tlv.h"

namespace signet::test::piv_card {

inline constexpr std::uint32_t discovery_object = 0x7E;
inline constexpr std::uint32_t biometric_group_object = 0x7F61;

// Readable with a verified PIN only: fingerprints, face, printed information, iris, pairing code.
bool needs_pin(std::uint32_t tag);
bool holds_certificate(std::uint32_t tag);

// The discovery object's content for these settings (SP 800-73-4 part 1, 3.3.2).
Bytes discovery_content(const Settings& settings);

// A certificate object's content in another form; content of any other shape is left as it is.
Bytes in_form(CertificateForm form, ByteView content);

}  // namespace signet::test::piv_card
