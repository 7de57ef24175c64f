#pragma once

#include "base/token_terms.h"
#include "piv/commands.h"

// The key 9B, by which an administrator is known (SP 800-73-4 part 2 appendix A.1).
namespace signet::piv {

Algorithm algorithm_of(ManagementAlgorithm algorithm);
// From an octet of the card, where 00 is 3DES too; nothing for others.
std::optional<ManagementAlgorithm> management_algorithm_of(std::uint8_t identifier);

// Which cipher the card's management key is of, without any attempt at the key: what the metadata say; 3DES
// on Yubico firmware that has none; else the one whose keys are as long as `key` and for which the card gives
// out a witness, those named in `announced` (AC of the SELECT answer) before others.
// invalid_parameter: no cipher has keys of that length. unsupported: the card takes none of them.
Result<ManagementAlgorithm> find_management_algorithm(const Card& card, ByteView announced,
                                                      const Secret& key);

// Mutual authentication: the card proves the key too. not_allowed: it is not the card's key, or a finger was
// wanted and did not come.
Result<void> authenticate_administrator(const Card& card, ManagementAlgorithm algorithm, const Secret& key);

// After authenticate_administrator(). invalid_parameter: a key of the wrong length, or a 3DES key of which
// two parts are equal. unsupported: the card takes no such keys.
Result<void> set_management_key(const Card& card, ManagementAlgorithm algorithm, const Secret& key,
                                bool touch);

}  // namespace signet::piv
