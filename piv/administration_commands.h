#pragma once

#include "piv/commands.h"

// What changes a card besides its keys.
namespace signet::piv {

// Longest content of an object that is written; cards hold less.
inline constexpr std::size_t max_object_size = 32768;

// PUT DATA, after authenticate_administrator(): not_allowed without it. Empty content makes the object empty.
// too_large: the card has no room for it.
Result<void> put_data(const Card& card, std::uint32_t object, ByteView content);

// The same for a secret of less than 128 octets.
Result<void> put_secret_data(const Card& card, std::uint32_t object, const Secret& content);

// How many wrong tries block PIN and PUK, 1 to 255. Wants the administrator and a verified PIN in the same
// transaction; PIN and PUK are the default ones afterwards.
Result<void> set_retries(const Card& card, int pin_tries, int unblocking_tries);

// Deletes everything but the attestation key. not_allowed: PIN or PUK are not blocked.
Result<void> reset_application(const Card& card);

}  // namespace signet::piv
