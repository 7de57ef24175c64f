#pragma once

#include "base/result.h"
#include "cli/key_selection.h"
#include "smime/token_keys.h"

#include <filesystem>

namespace signet::cli {

// signet-pkcs11.so: $SIGNET_MODULE, else ../lib beside the folder of this program, else the installed place.
Result<std::filesystem::path> module_path();

// The keys that the agent lists. It asks for the PIN when one is used.
Result<smime::TokenKeys> open_token_keys();

// token_not_found, key_not_found: gone since the inventory was taken.
Result<x509::KeyPointer> private_key(smime::TokenKeys& keys, const KeyPlace& place);

}  // namespace signet::cli
