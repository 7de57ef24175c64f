#pragma once

#include "base/secret.h"
#include "pkcs11/driver/session.h"
#include "pkcs11/driver/token_objects.h"

namespace signet::pkcs11 {

// How a key that wants a PIN for each use gets it.
struct Authentication {
    const Secret* pin = nullptr;
    bool pin_pad = false;
};

// One use of a private key: the first call that names a mechanism, the PIN where the key wants one for each
// use, and the call that does the work, in one thread with nothing in between.
class KeyOperation {
  public:
    KeyOperation(const Session& session, const KeyEntry& entry, const Authentication& authentication)
        : m_session(session), m_entry(entry), m_authentication(authentication) {}

    [[nodiscard]] const Session& session() const { return m_session; }
    [[nodiscard]] const token::Key& key() const { return m_entry.key; }
    [[nodiscard]] const token::PublicKey& public_key() const { return m_entry.public_key; }
    [[nodiscard]] CK_OBJECT_HANDLE handle() const { return *m_entry.private_handle; }
    // The PIN was handed to the token: whatever comes now, it is not tried again.
    [[nodiscard]] bool pin_spent() const { return m_pin_spent; }

    // At most `capacity` octets come back.
    Result<Bytes> sign(CK_MECHANISM mechanism, ByteView data, std::size_t capacity);
    Result<Bytes> decrypt(CK_MECHANISM mechanism, ByteView data, std::size_t capacity);

  private:
    Result<void> authenticate();

    const Session& m_session;
    const KeyEntry& m_entry;
    Authentication m_authentication;
    bool m_pin_spent = false;
};

}  // namespace signet::pkcs11
