#pragma once

#include "base/secret.h"
#include "pkcs11/module/mechanisms.h"
#include "pkcs11/module/message_digest.h"
#include "pkcs11/module/object.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace signet::module {

struct SignOperation {
    SignatureRequest request;
    std::optional<MessageDigest> digest;  // of the message so far, where the mechanism hashes
    bool in_parts = false;
};

struct DecryptOperation {
    ipc::DecryptCall call;
    // Of a wrapped key: the derived key that opens it, in this process. Empty where the token decrypts.
    Secret unwrapping_key;
    std::size_t max_input = 0;
    bool in_parts = false;
    // Decrypted already, but the caller's buffer was too small: nobody is asked for a PIN again for that.
    std::optional<Secret> plaintext;
};

struct Search {
    std::vector<CK_OBJECT_HANDLE> found;
    std::size_t next = 0;
};

// Which token a session is with. By identity: the session outlives unplugging and a restart of the agent.
struct SessionPlace {
    CK_SLOT_ID slot = 0;
    std::string token;
    CK_FLAGS flags = 0;
};

struct Session {
    SessionPlace place;
    std::unique_ptr<SignOperation> sign;  // null: none
    std::optional<DecryptOperation> decrypt;
    std::optional<Search> search;
};

// The sessions of this program and the secret keys that it derived. Safe for threads: a session is only
// touched inside with(), which must not call the agent.
class Sessions {
  public:
    CK_SESSION_HANDLE open(SessionPlace place);
    CK_RV close(CK_SESSION_HANDLE handle);
    void close_all(CK_SLOT_ID slot);
    [[nodiscard]] std::size_t count(CK_SLOT_ID slot, CK_FLAGS flags) const;

    // Runs `use(session)`, which returns a CK_RV.
    template <class Use>
    CK_RV with(CK_SESSION_HANDLE handle, Use use) {
        const std::lock_guard lock(m_mutex);
        const auto found = m_sessions.find(handle);
        return found != m_sessions.end() ? use(found->second) : CKR_SESSION_HANDLE_INVALID;
    }
    [[nodiscard]] Outcome<SessionPlace> place_of(CK_SESSION_HANDLE handle) const;

    // A logged-in state that programs can look at and that nothing depends on.
    void set_logged_in(CK_SLOT_ID slot, bool logged_in);
    [[nodiscard]] bool logged_in(CK_SLOT_ID slot) const;

    // Session objects. They live as long as the session that made them.
    CK_OBJECT_HANDLE add_object(CK_SESSION_HANDLE owner, Object object);
    bool destroy_object(CK_OBJECT_HANDLE handle);
    // Runs `use(object)` on the object when there is such a session object.
    template <class Use>
    std::optional<CK_RV> with_object(CK_OBJECT_HANDLE handle, Use use) {
        const std::lock_guard lock(m_mutex);
        const auto found = m_objects.find(handle);
        return found != m_objects.end() ? std::optional<CK_RV>(use(found->second.object)) : std::nullopt;
    }
    // Those made in this slot that match.
    std::vector<CK_OBJECT_HANDLE> find_objects(CK_SLOT_ID slot, Template wanted) const;

    void lock_for_fork() { m_mutex.lock(); }
    void unlock_after_fork() { m_mutex.unlock(); }

  private:
    struct OwnedObject {
        CK_SESSION_HANDLE owner;
        CK_SLOT_ID slot;
        Object object;
    };

    void forget_login_without_sessions();

    mutable std::mutex m_mutex;
    std::map<CK_SESSION_HANDLE, Session> m_sessions;
    std::map<CK_OBJECT_HANDLE, OwnedObject> m_objects;
    std::vector<CK_SLOT_ID> m_logged_in;
    CK_SESSION_HANDLE m_last_handle = 0;
};

}  // namespace signet::module
