#pragma once

#include "base/token_terms.h"
#include "piv/commands.h"

#include <vector>

// Yubico's tools keep a management key that nobody needs to know in the card itself: in place of the printed
// information, which is read with the PIN only. An object of theirs, the administrator's data, says so.
namespace signet::piv {

// The card says that its management key is kept behind the PIN. Wants no PIN.
Result<bool> keeps_management_key(const Card& card);

// The keys that are kept: more than one only after keep_new_management_key() was interrupted. A PIN was
// verified. key_not_found: none is there. malformed: what is there is something else.
Result<std::vector<Secret>> kept_management_keys(const Card& card);

// Sets a random management key and keeps it. The administrator is authenticated and a PIN was verified.
// Whatever interrupts it, the card's key is one that is kept, or the one it had before and that was not kept.
// not_allowed: the card has real printed information, which would be lost.
Result<void> keep_new_management_key(const Card& card, ManagementAlgorithm algorithm, bool touch);

// The card has a key now that somebody knows. The administrator is authenticated.
Result<void> forget_kept_management_key(const Card& card);

}  // namespace signet::piv
