#pragma once

#include "ipc/admin_types.h"
#include "token/administration.h"

// Between what token::Administration speaks of and what crosses the wire.
namespace signet::host {

ipc::TokenDetails to_wire(token::TokenDetails details);
ipc::PlacedKey to_wire(token::PlacedKey key);
token::KeyPlacement placement(const ipc::AdminCall& call);

}  // namespace signet::host
