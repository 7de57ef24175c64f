#include "pkcs11/module/sessions.h"

#include "pkcs11/module/inventory.h"

#include <algorithm>

namespace signet::module {

CK_SESSION_HANDLE Sessions::open(SessionPlace place) {
    const std::lock_guard lock(m_mutex);
    m_sessions[++m_last_handle].place = std::move(place);
    return m_last_handle;
}

CK_RV Sessions::close(CK_SESSION_HANDLE handle) {
    const std::lock_guard lock(m_mutex);
    if (m_sessions.erase(handle) == 0) {
        return CKR_SESSION_HANDLE_INVALID;
    }
    std::erase_if(m_objects, [handle](const auto& entry) { return entry.second.owner == handle; });
    forget_login_without_sessions();
    return CKR_OK;
}

void Sessions::close_all(CK_SLOT_ID slot) {
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_sessions, [slot](const auto& entry) { return entry.second.place.slot == slot; });
    std::erase_if(m_objects, [slot](const auto& entry) { return entry.second.slot == slot; });
    forget_login_without_sessions();
}

std::size_t Sessions::count(CK_SLOT_ID slot, CK_FLAGS flags) const {
    const std::lock_guard lock(m_mutex);
    return static_cast<std::size_t>(
        std::count_if(m_sessions.begin(), m_sessions.end(), [&](const auto& entry) {
            return entry.second.place.slot == slot && (entry.second.place.flags & flags) == flags;
        }));
}

Outcome<SessionPlace> Sessions::place_of(CK_SESSION_HANDLE handle) const {
    const std::lock_guard lock(m_mutex);
    const auto found = m_sessions.find(handle);
    return found != m_sessions.end() ? Outcome<SessionPlace>(found->second.place)
                                     : Refusal(CKR_SESSION_HANDLE_INVALID);
}

void Sessions::set_logged_in(CK_SLOT_ID slot, bool logged_in) {
    const std::lock_guard lock(m_mutex);
    std::erase(m_logged_in, slot);
    if (logged_in) {
        m_logged_in.push_back(slot);
    }
}

bool Sessions::logged_in(CK_SLOT_ID slot) const {
    const std::lock_guard lock(m_mutex);
    return std::find(m_logged_in.begin(), m_logged_in.end(), slot) != m_logged_in.end();
}

CK_OBJECT_HANDLE Sessions::add_object(CK_SESSION_HANDLE owner, Object object) {
    const std::lock_guard lock(m_mutex);
    const auto session = m_sessions.find(owner);
    if (session == m_sessions.end()) {
        return CK_INVALID_HANDLE;
    }
    object.handle = new_object_handle();
    const CK_OBJECT_HANDLE handle = object.handle;
    m_objects.emplace(
        handle, OwnedObject{.owner = owner, .slot = session->second.place.slot, .object = std::move(object)});
    return handle;
}

bool Sessions::destroy_object(CK_OBJECT_HANDLE handle) {
    const std::lock_guard lock(m_mutex);
    return m_objects.erase(handle) != 0;
}

std::vector<CK_OBJECT_HANDLE> Sessions::find_objects(CK_SLOT_ID slot, Template wanted) const {
    const std::lock_guard lock(m_mutex);
    std::vector<CK_OBJECT_HANDLE> found;
    for (const auto& [handle, entry] : m_objects) {
        if (entry.slot == slot && matches(entry.object, wanted)) {
            found.push_back(handle);
        }
    }
    return found;
}

// PKCS#11 section 5.6: closing a program's last session with a token logs it out.
void Sessions::forget_login_without_sessions() {
    std::erase_if(m_logged_in, [this](CK_SLOT_ID slot) {
        return std::none_of(m_sessions.begin(), m_sessions.end(),
                            [slot](const auto& entry) { return entry.second.place.slot == slot; });
    });
}

}  // namespace signet::module
