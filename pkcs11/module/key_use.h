#pragma once

#include "pkcs11/module/library.h"

namespace signet::module {

// A private key, with the token that holds its memory.
struct PrivateKey {
    TokenPointer token;
    const ipc::Key* key = nullptr;
};

// The key with this handle on the session's token. Local, unless the token is not known any more.
Outcome<PrivateKey> find_private_key(Library& library, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle);

ipc::KeyUse key_use(Library& library, const PrivateKey& key);

// One round trip: the octets in `field` of the answer. The caller wipes them where they are secret.
Outcome<Bytes> ask_agent(Library& library, std::string_view method, std::string parameters,
                         std::string_view field);

}  // namespace signet::module
