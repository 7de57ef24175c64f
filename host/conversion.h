#pragma once

#include "ipc/types.h"
#include "pkcs11/driver/driver.h"
#include "pkcs11/driver/worker.h"
#include "token/description.h"

// Between what drivers speak of and what crosses the wire.
namespace signet::host {

ipc::HostInventory to_wire(pkcs11::DriverInventory inventory);

pkcs11::KeyName key_name(const ipc::KeyUse& use);
token::SignRequest from_wire(ipc::SignCall call);
token::DecryptRequest from_wire(ipc::DecryptCall call);
token::DeriveRequest from_wire(ipc::DeriveCall call);

}  // namespace signet::host
