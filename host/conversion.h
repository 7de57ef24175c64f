#pragma once

#include "ipc/types.h"
#include "token/driver.h"

// Between what drivers speak of and what crosses the wire.
namespace signet::host {

ipc::HostInventory to_wire(token::Inventory inventory);

token::KeyName key_name(const ipc::KeyUse& use);
token::SignRequest from_wire(ipc::SignCall call);
token::DecryptRequest from_wire(ipc::DecryptCall call);
token::DeriveRequest from_wire(ipc::DeriveCall call);

}  // namespace signet::host
