#pragma once

#include "piv/commands.h"
#include "piv/objects.h"

// The objects that make a card a PIV card to other programs (SP 800-73-4 part 1 appendix A): contents of 53
// as they are written.
namespace signet::piv {

// Of a card outside the federal government: the FASC-N of its nines, this GUID (16 octets), no signature.
Bytes card_holder_unique_identifier_for(ByteView guid, std::string_view expiration_date);
// An identifier that is there, with this GUID instead of its own. malformed: it is none.
Result<Bytes> with_guid(ByteView identifier, ByteView guid);
// `identifier`: 14 octets that no other card has.
Bytes card_capability_container_for(ByteView identifier);
Bytes key_history_for(const KeyHistory& history);
// A card with an application PIN and nothing else.
Bytes discovery_for(Application application);

// YYYYMMDD, of a card whose issuer sets none.
inline constexpr std::string_view default_expiration_date = "20491231";

}  // namespace signet::piv
