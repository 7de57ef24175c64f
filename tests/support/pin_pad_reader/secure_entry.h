#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <string>
#include <vector>

namespace signet::test::pin_pad {

// What a person types at the reader, in the order of the questions. "cancel" and "timeout" stand for the red
// key and for nothing.
using Keystrokes = std::vector<std::string>;

// The command for the card, or the status word that the reader answers by itself (PC/SC part 10, 2.6.3).
struct Entry {
    Bytes command;
    std::uint16_t status = 0;
};

inline constexpr std::uint16_t status_timeout = 0x6400;
inline constexpr std::uint16_t status_cancelled = 0x6401;
inline constexpr std::uint16_t status_pins_differ = 0x6402;
inline constexpr std::uint16_t status_wrong_length = 0x6403;
inline constexpr std::uint16_t status_bad_structure = 0x6B80;

// FEATURE_VERIFY_PIN_DIRECT: a PIN_VERIFY_STRUCTURE with the command in which the PIN goes. As on common
// readers, only ASCII digits, left-justified in a block whose padding stands in the command already.
Entry fill_verify(ByteView structure, const Keystrokes& typed);

// FEATURE_MODIFY_PIN_DIRECT: a PIN_MODIFY_STRUCTURE. Asks for the old PIN and for the new one twice as
// bConfirmPIN says.
Entry fill_modify(ByteView structure, const Keystrokes& typed);

}  // namespace signet::test::pin_pad
