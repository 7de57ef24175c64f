#pragma once

#include "pkcs11/driver/session.h"
#include "pkcs11/driver/token_objects.h"

#include <optional>
#include <vector>

namespace signet::pkcs11 {

// What lies on a token, read anew only where it is not what was read last. One thread at a time.
class KnownObjects {
  public:
    explicit KnownObjects(Session session) : m_session(std::move(session)) {}

    [[nodiscard]] CK_SLOT_ID slot() const { return m_session.slot(); }
    // As it is now. After an error nothing is known of the token any more.
    Result<const TokenObjects*> read(bool login_required);

  private:
    // What tells one object from another. Handles hold while a session with the token is open, and
    // of an object that keeps its handle others can change these two attributes, and none that makes it
    // another key or certificate.
    struct Mark {
        CK_OBJECT_HANDLE handle = 0;
        std::optional<Bytes> object_id;
        std::optional<Bytes> label;
        bool operator==(const Mark&) const = default;
    };
    [[nodiscard]] Result<std::vector<Mark>> marks() const;

    struct Reading {
        bool private_keys_visible = false;
        std::vector<Mark> marks;
        TokenObjects objects;
    };
    Session m_session;
    std::optional<Reading> m_last;
};

}  // namespace signet::pkcs11
