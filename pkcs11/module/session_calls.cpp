// PKCS#11 section 5.6: sessions and login.
#include "ipc/codec.h"
#include "pkcs11/module/library.h"
#include "pkcs11/module/return_values.h"

using namespace signet::module;  // NOLINT(google-build-using-namespace): the C functions are ours

namespace {

CK_STATE state_of(CK_FLAGS flags, bool logged_in) {
    if ((flags & CKF_RW_SESSION) != 0) {
        return logged_in ? CKS_RW_USER_FUNCTIONS : CKS_RW_PUBLIC_SESSION;
    }
    return logged_in ? CKS_RO_USER_FUNCTIONS : CKS_RO_PUBLIC_SESSION;
}

TokenPointer token_in(Library& library, CK_SLOT_ID slot) {
    const TokenPointer token = library.inventory.recent()[slot];
    return token != nullptr ? token : library.inventory.read()[slot];
}

CK_RV unlock(Library& library, const std::string& token) {
    const signet::ipc::UnlockCall call{
        .token = token, .pin = std::nullopt, .environment = library.environment()};
    const auto reply = library.connections.call("org.signet.agent.Unlock", signet::ipc::encode(call));
    // Where the agent caches no PIN there is nothing to unlock ahead: it asks at each use.
    const bool asks_at_each_use = !reply && reply.error().code == signet::ErrorCode::not_allowed;
    return reply || asks_at_each_use ? CKR_OK : return_value(reply.error());
}

}  // namespace

// Sessions that may write are given too, as ssh insists on one; nothing can be written through them.
CK_RV C_OpenSession(CK_SLOT_ID slot_id, CK_FLAGS flags, void* /*application*/, CK_NOTIFY /*notify*/,
                    CK_SESSION_HANDLE* session) {
    return with_library([=](Library& library) -> CK_RV {
        if (session == nullptr) {
            return CKR_ARGUMENTS_BAD;
        }
        if (slot_id >= slot_count) {
            return CKR_SLOT_ID_INVALID;
        }
        if ((flags & CKF_SERIAL_SESSION) == 0) {
            return CKR_SESSION_PARALLEL_NOT_SUPPORTED;
        }
        const TokenPointer token = token_in(library, slot_id);
        if (token == nullptr) {
            return CKR_TOKEN_NOT_PRESENT;
        }
        *session = library.sessions.open({.slot = slot_id,
                                          .token = token->token.id,
                                          .flags = flags & (CKF_SERIAL_SESSION | CKF_RW_SESSION)});
        return CKR_OK;
    });
}

CK_RV C_CloseSession(CK_SESSION_HANDLE session) {
    return with_library([=](Library& library) { return library.sessions.close(session); });
}

CK_RV C_CloseAllSessions(CK_SLOT_ID slot_id) {
    return with_library([=](Library& library) -> CK_RV {
        if (slot_id >= slot_count) {
            return CKR_SLOT_ID_INVALID;
        }
        library.sessions.close_all(slot_id);
        return CKR_OK;
    });
}

CK_RV C_GetSessionInfo(CK_SESSION_HANDLE session, CK_SESSION_INFO* info) {
    return with_library([=](Library& library) -> CK_RV {
        if (info == nullptr) {
            return CKR_ARGUMENTS_BAD;
        }
        const auto place = library.sessions.place_of(session);
        if (!place) {
            return place.error();
        }
        // Programs look at their session before each signature: that must not cost a round trip.
        library.inventory.known();
        if (library.inventory.find_token(place->token) == nullptr) {
            return CKR_DEVICE_REMOVED;
        }
        *info = {};
        info->slotID = place->slot;
        info->flags = place->flags;
        info->state = state_of(place->flags, library.sessions.logged_in(place->slot));
        return CKR_OK;
    });
}

// "Unlock now": the agent prompts unless the token is unlocked. A PIN that a program hands over is refused
// unread: only the agent asks for PINs.
CK_RV C_Login(CK_SESSION_HANDLE session, CK_USER_TYPE user_type, unsigned char* pin, CK_ULONG pin_len) {
    return with_library([=](Library& library) -> CK_RV {
        const auto place = library.sessions.place_of(session);
        if (!place) {
            return place.error();
        }
        if (user_type == CKU_CONTEXT_SPECIFIC) {
            return CKR_OPERATION_NOT_INITIALIZED;
        }
        if (user_type != CKU_USER) {
            return CKR_USER_TYPE_INVALID;
        }
        if (pin != nullptr && pin_len != 0) {
            return CKR_ARGUMENTS_BAD;
        }
        const CK_RV unlocked = unlock(library, place->token);
        if (unlocked != CKR_OK) {
            library.inventory.expire();
            return unlocked;
        }
        library.sessions.set_logged_in(place->slot, true);
        return CKR_OK;
    });
}

// Local: other programs go on using the token.
CK_RV C_Logout(CK_SESSION_HANDLE session) {
    return with_library([=](Library& library) -> CK_RV {
        const auto place = library.sessions.place_of(session);
        if (!place) {
            return place.error();
        }
        library.sessions.set_logged_in(place->slot, false);
        return CKR_OK;
    });
}
