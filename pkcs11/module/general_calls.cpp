// PKCS#11 section 5.4: C_Initialize, C_Finalize, C_GetInfo.
#include "pkcs11/module/library.h"
#include "pkcs11/module/text_fields.h"

#include <cstdio>

using namespace signet::module;  // NOLINT(google-build-using-namespace): the C functions are ours

namespace {

CK_RV check_arguments(const CK_C_INITIALIZE_ARGS& arguments) {
    if (arguments.pReserved != nullptr) {
        return CKR_ARGUMENTS_BAD;
    }
    const bool has_all = arguments.CreateMutex != nullptr && arguments.DestroyMutex != nullptr &&
                         arguments.LockMutex != nullptr && arguments.UnlockMutex != nullptr;
    const bool has_none = arguments.CreateMutex == nullptr && arguments.DestroyMutex == nullptr &&
                          arguments.LockMutex == nullptr && arguments.UnlockMutex == nullptr;
    if (!has_all && !has_none) {
        return CKR_ARGUMENTS_BAD;
    }
    // We only lock with the system's own mutexes.
    return has_all && (arguments.flags & CKF_OS_LOCKING_OK) == 0 ? CKR_CANT_LOCK : CKR_OK;
}

_CK_VERSION library_version() {
    unsigned major = 0;
    unsigned minor = 0;
    std::sscanf(SIGNET_VERSION, "%u.%u", &major, &minor);
    return {.major = static_cast<unsigned char>(major), .minor = static_cast<unsigned char>(minor)};
}

}  // namespace

// The agent is not looked for here: it may start later, or never.
CK_RV C_Initialize(void* init_args) {
    if (init_args != nullptr) {
        const CK_RV sound = check_arguments(*static_cast<const CK_C_INITIALIZE_ARGS*>(init_args));
        if (sound != CKR_OK) {
            return sound;
        }
    }
    try {
        return initialize_library();
    } catch (...) {
        return CKR_HOST_MEMORY;
    }
}

CK_RV C_Finalize(void* reserved) {
    return reserved == nullptr ? finalize_library() : CKR_ARGUMENTS_BAD;
}

CK_RV C_GetInfo(CK_INFO* info) {
    return with_library([info](Library&) -> CK_RV {
        if (info == nullptr) {
            return CKR_ARGUMENTS_BAD;
        }
        *info = {};
        info->cryptokiVersion = {.major = CRYPTOKI_VERSION_MAJOR, .minor = CRYPTOKI_VERSION_MINOR};
        fill_text(info->manufacturerID, "signet");
        fill_text(info->libraryDescription, "signet agent");
        info->libraryVersion = library_version();
        return CKR_OK;
    });
}
