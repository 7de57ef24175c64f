#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "pkcs11/driver/cryptoki.h"

#include <optional>
#include <utility>
#include <vector>

namespace signet::pkcs11 {

// An open session with the token in one slot, read-only where not said otherwise. One thread at a time.
// Closed when it goes.
class Session {
  public:
    static Result<Session> open(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot);
    static Result<Session> open_for_writing(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot);
    Session(Session&& other) noexcept
        : m_functions(other.m_functions), m_slot(other.m_slot), m_handle(std::exchange(other.m_handle, 0)) {}
    Session& operator=(Session&& other) noexcept {
        std::swap(m_functions, other.m_functions);
        std::swap(m_slot, other.m_slot);
        std::swap(m_handle, other.m_handle);
        return *this;
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    [[nodiscard]] CK_FUNCTION_LIST& functions() const { return *m_functions; }
    [[nodiscard]] CK_SLOT_ID slot() const { return m_slot; }
    [[nodiscard]] CK_SESSION_HANDLE handle() const { return m_handle; }
    // The user is logged in, by whichever session of this process.
    [[nodiscard]] Result<bool> logged_in() const;

    // Handles of all objects that match, refused as nonsense beyond a bound.
    [[nodiscard]] Result<std::vector<CK_OBJECT_HANDLE>> find(std::vector<CK_ATTRIBUTE> pattern) const;
    [[nodiscard]] Result<std::vector<CK_OBJECT_HANDLE>> find_class(CK_OBJECT_CLASS object_class) const;

    // Nothing when the object has no such attribute, hides it, or gives it a length that cannot be true.
    [[nodiscard]] std::optional<Bytes> attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;
    [[nodiscard]] std::optional<bool> flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;
    [[nodiscard]] std::optional<CK_ULONG> number(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;

  private:
    static Result<Session> open_with(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot, CK_FLAGS flags);
    Session(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot, CK_SESSION_HANDLE handle)
        : m_functions(&functions), m_slot(slot), m_handle(handle) {}
    [[nodiscard]] Result<std::vector<CK_OBJECT_HANDLE>> found_objects() const;
    [[nodiscard]] std::optional<Bytes> long_attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;

    CK_FUNCTION_LIST* m_functions;
    CK_SLOT_ID m_slot;
    CK_SESSION_HANDLE m_handle;
};

}  // namespace signet::pkcs11
