#pragma once

#include "piv/commands.h"
#include "piv/pcsc.h"

namespace signet::piv {

// VERIFY, CHANGE REFERENCE DATA and RESET RETRY COUNTER with PINs that the person types at the reader: the
// present one, or the PUK, and then the new one twice. Blocks until then. Errors as verify(), change_pin()
// and unblock_pin(); cancelled: by the person, or what was typed is no PIN; timeout: nobody typed.
Result<void> verify_at_pin_pad(const Transaction& card, const PinPad& pad, PinReference reference);
Result<void> change_pin_at_pin_pad(const Transaction& card, const PinPad& pad, PinReference reference);
Result<void> unblock_pin_at_pin_pad(const Transaction& card, const PinPad& pad);

}  // namespace signet::piv
