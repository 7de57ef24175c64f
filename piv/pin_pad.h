#pragma once

#include "piv/commands.h"
#include "piv/pcsc.h"

namespace signet::piv {

// VERIFY and CHANGE REFERENCE DATA with PINs that the person types at the reader. Blocks until then. Errors
// as verify() and change_pin(); cancelled: by the person, or what was typed is no PIN; timeout: nobody typed.
Result<void> verify_at_pin_pad(const Transaction& card, const PinPad& pad, PinReference reference);
Result<void> change_pin_at_pin_pad(const Transaction& card, const PinPad& pad, PinReference reference);

}  // namespace signet::piv
