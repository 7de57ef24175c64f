#pragma once

#include "pkcs11/module/object.h"

#include <functional>
#include <string>
#include <vector>

namespace signet::module {

// Gives the handle of the object with this description; the same each time.
using AssignHandle = std::function<CK_OBJECT_HANDLE(const std::string& description)>;

// The objects of a token: its profile, and a private key, public key and certificates for each key. `token`
// must outlive them. Keys and certificates that cannot be parsed are left out.
std::vector<Object> token_objects(const ipc::Token& token, const AssignHandle& assign_handle);

// Octets of the modulus (RSA) or of a coordinate.
std::size_t key_size(const ipc::Key& key);

}  // namespace signet::module
