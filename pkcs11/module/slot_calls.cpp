// PKCS#11 section 5.5: slots, tokens and their mechanisms.
#include "pkcs11/module/library.h"
#include "pkcs11/module/text_fields.h"

#include <algorithm>

using namespace signet::module;  // NOLINT(google-build-using-namespace): the C functions are ours

namespace {

// Writes a list as C_GetSlotList and C_GetMechanismList do: only the count without a buffer.
template <class Value>
CK_RV write_list(const std::vector<Value>& values, Value* list, CK_ULONG* count) {
    const CK_ULONG room = *count;
    *count = values.size();
    if (list == nullptr) {
        return CKR_OK;
    }
    if (room < values.size()) {
        return CKR_BUFFER_TOO_SMALL;
    }
    std::copy(values.begin(), values.end(), list);
    return CKR_OK;
}

CK_FLAGS pin_flags(signet::ipc::PinState state) {
    using signet::ipc::PinState;
    switch (state) {
        case PinState::ok:
            return CKF_USER_PIN_INITIALIZED;
        case PinState::low:
            return CKF_USER_PIN_INITIALIZED | CKF_USER_PIN_COUNT_LOW;
        case PinState::final_try:
            return CKF_USER_PIN_INITIALIZED | CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY;
        case PinState::blocked:
            return CKF_USER_PIN_INITIALIZED | CKF_USER_PIN_LOCKED;
        case PinState::not_set:
            return 0;
    }
    return 0;
}

// Never CKF_LOGIN_REQUIRED: the agent prompts when a key is used, so that no program asks for a PIN.
CK_TOKEN_INFO describe(const signet::ipc::Token& token) {
    CK_TOKEN_INFO info{};
    fill_text(info.label, token.label);
    fill_text(info.manufacturerID, token.manufacturer);
    fill_text(info.model, token.model);
    fill_text(info.serialNumber, token.serial);
    fill_text(info.utcTime, {});
    info.flags = CKF_TOKEN_INITIALIZED | CKF_PROTECTED_AUTHENTICATION_PATH | CKF_WRITE_PROTECTED |
                 pin_flags(token.pin);
    info.ulMaxSessionCount = CK_EFFECTIVELY_INFINITE;
    info.ulMaxRwSessionCount = CK_EFFECTIVELY_INFINITE;
    info.ulMinPinLen = 0;
    info.ulMaxPinLen = 255;
    info.ulTotalPublicMemory = CK_UNAVAILABLE_INFORMATION;
    info.ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
    info.ulTotalPrivateMemory = CK_UNAVAILABLE_INFORMATION;
    info.ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
    return info;
}

// Runs `use(token)` on the token in the slot.
template <class Use>
CK_RV with_token(Library& library, CK_SLOT_ID slot, Use use) {
    if (slot >= slot_count) {
        return CKR_SLOT_ID_INVALID;
    }
    const TokenPointer token = library.inventory.recent()[slot];
    return token != nullptr ? use(token->token) : CKR_TOKEN_NOT_PRESENT;
}

}  // namespace

CK_RV C_GetSlotList(unsigned char token_present, CK_SLOT_ID* slot_list, CK_ULONG* count) {
    return with_library([=](Library& library) -> CK_RV {
        if (count == nullptr) {
            return CKR_ARGUMENTS_BAD;
        }
        // A program asks for the count when it looks for what is new (PKCS#11 section 5.5); some never ask
        // for it.
        const Slots slots = slot_list == nullptr ? library.inventory.read() : library.inventory.recent();
        std::vector<CK_SLOT_ID> shown;
        for (CK_SLOT_ID slot = 0; slot < slot_count; ++slot) {
            if (token_present == CK_FALSE || slots[slot] != nullptr) {
                shown.push_back(slot);
            }
        }
        return write_list(shown, slot_list, count);
    });
}

CK_RV C_GetSlotInfo(CK_SLOT_ID slot_id, CK_SLOT_INFO* info) {
    return with_library([=](Library& library) -> CK_RV {
        if (info == nullptr) {
            return CKR_ARGUMENTS_BAD;
        }
        if (slot_id >= slot_count) {
            return CKR_SLOT_ID_INVALID;
        }
        *info = {};
        fill_text(info->slotDescription, "signet slot " + std::to_string(slot_id));
        fill_text(info->manufacturerID, "signet");
        info->flags = CKF_REMOVABLE_DEVICE | CKF_HW_SLOT;
        if (library.inventory.recent()[slot_id] != nullptr) {
            info->flags |= CKF_TOKEN_PRESENT;
        }
        return CKR_OK;
    });
}

CK_RV C_GetTokenInfo(CK_SLOT_ID slot_id, CK_TOKEN_INFO* info) {
    return with_library([=](Library& library) -> CK_RV {
        if (info == nullptr) {
            return CKR_ARGUMENTS_BAD;
        }
        return with_token(library, slot_id, [&](const signet::ipc::Token& token) -> CK_RV {
            *info = describe(token);
            info->ulSessionCount = library.sessions.count(slot_id, CKF_SERIAL_SESSION);
            info->ulRwSessionCount = library.sessions.count(slot_id, CKF_RW_SESSION);
            return CKR_OK;
        });
    });
}

CK_RV C_GetMechanismList(CK_SLOT_ID slot_id, CK_MECHANISM_TYPE* mechanism_list, CK_ULONG* count) {
    return with_library([=](Library& library) -> CK_RV {
        if (count == nullptr) {
            return CKR_ARGUMENTS_BAD;
        }
        return with_token(library, slot_id, [&](const signet::ipc::Token& token) {
            return write_list(mechanisms_of(token), mechanism_list, count);
        });
    });
}

CK_RV C_GetMechanismInfo(CK_SLOT_ID slot_id, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO* info) {
    return with_library([=](Library& library) -> CK_RV {
        if (info == nullptr) {
            return CKR_ARGUMENTS_BAD;
        }
        return with_token(library, slot_id, [&](const signet::ipc::Token& token) -> CK_RV {
            const auto found = mechanism_info(token, type);
            if (!found) {
                return CKR_MECHANISM_INVALID;
            }
            *info = *found;
            return CKR_OK;
        });
    });
}
