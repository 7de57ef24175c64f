// A PKCS#11 module that hands everything to SoftHSM but for one fault, which is named by the content of the
// file $SIGNET_TEST_FAULT_FILE, read at each call, or else by $SIGNET_TEST_FAULT.

#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>

namespace {

constexpr const char* softhsm_path = "/usr/lib/softhsm/libsofthsm2.so";
constexpr CK_ULONG four_gibibytes = CK_ULONG{4} << 30;
constexpr int pin_tries = 3;

CK_FUNCTION_LIST* softhsm = nullptr;
CK_FUNCTION_LIST faulty;
std::atomic<int> tries_left{pin_tries};
std::atomic<int> sign_initialisations{0};
std::atomic<bool> pulled_out{false};

std::string fault() {
    if (pulled_out) {
        return "removed";
    }
    if (const char* path = std::getenv("SIGNET_TEST_FAULT_FILE"); path != nullptr) {
        std::ifstream file(path);
        std::string name;
        std::getline(file, name);
        return name;
    }
    const char* name = std::getenv("SIGNET_TEST_FAULT");
    return name != nullptr ? name : "";
}

bool fault_is(std::string_view name) {
    return fault() == name;
}

CK_RV initialize(void* arguments) {
    std::puts("a module that prints");
    std::fflush(stdout);
    if (fault_is("cannot-lock") && arguments != nullptr) {
        return CKR_CANT_LOCK;
    }
    return fault_is("refuse-initialize") ? CKR_DEVICE_ERROR : softhsm->C_Initialize(arguments);
}

CK_RV get_slot_list(unsigned char present, CK_SLOT_ID* slots, CK_ULONG* count) {
    if (fault_is("removed")) {
        *count = 0;
        return CKR_OK;
    }
    const CK_RV value = softhsm->C_GetSlotList(present, slots, count);
    if (fault_is("endless-slots")) {
        *count = CK_UNAVAILABLE_INFORMATION;
    }
    return value;
}

void blank(unsigned char* field, std::size_t size, const char* text) {
    std::memset(field, ' ', size);
    std::memcpy(field, text, std::strlen(text));
}

CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO* info) {
    const std::string name = fault();
    if (name == "removed") {
        return CKR_TOKEN_NOT_PRESENT;
    }
    const CK_RV value = softhsm->C_GetTokenInfo(slot, info);
    if (name == "same-serial") {
        blank(info->serialNumber, sizeof(info->serialNumber), "1");
    } else if (name == "no-serial") {
        blank(info->serialNumber, sizeof(info->serialNumber), "0000");
    } else if (name == "garbage-names") {
        std::memset(info->label, 0xff, sizeof(info->label));
        std::memset(info->manufacturerID, 0x01, sizeof(info->manufacturerID));
        std::memset(info->model, 0x80, sizeof(info->model));
    } else if (name == "pin-countdown") {
        info->flags &= ~(CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED);
        info->flags |= tries_left == 2 ? CKF_USER_PIN_COUNT_LOW : 0;
        info->flags |= tries_left == 1 ? CKF_USER_PIN_FINAL_TRY : 0;
        info->flags |= tries_left <= 0 ? CKF_USER_PIN_LOCKED : 0;
    }
    return value;
}

CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char* pin, CK_ULONG length) {
    const std::string name = fault();
    if (name == "removed") {
        return CKR_DEVICE_REMOVED;
    }
    if (name == "pin-locked") {
        return CKR_PIN_LOCKED;
    }
    if (name == "pin-countdown") {
        --tries_left;
        return CKR_PIN_INCORRECT;
    }
    return softhsm->C_Login(session, user, pin, length);
}

// Waits while the fault is "slow-logout".
CK_RV logout(CK_SESSION_HANDLE session) {
    while (fault_is("slow-logout")) {
        usleep(5000);
    }
    return softhsm->C_Logout(session);
}

CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void* application, CK_NOTIFY notify,
                   CK_SESSION_HANDLE* session) {
    return fault_is("removed") ? CKR_TOKEN_NOT_PRESENT
                               : softhsm->C_OpenSession(slot, flags, application, notify, session);
}

bool belongs_to(CK_SESSION_HANDLE session, std::string_view label) {
    CK_SESSION_INFO of_session{};
    CK_TOKEN_INFO of_token{};
    return softhsm->C_GetSessionInfo(session, &of_session) == CKR_OK &&
           softhsm->C_GetTokenInfo(of_session.slotID, &of_token) == CKR_OK &&
           std::memcmp(of_token.label, label.data(), label.size()) == 0;
}

CK_RV find_objects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE* objects, CK_ULONG most, CK_ULONG* count) {
    const std::string name = fault();
    if (name == "endless-objects" || (name == "endless-objects-in-mad" && belongs_to(session, "mad"))) {
        std::fill(objects, objects + most, 1);
        *count = most;
        return CKR_OK;
    }
    const CK_RV value = softhsm->C_FindObjects(session, objects, most, count);
    if (name == "too-many-objects") {
        *count = CK_UNAVAILABLE_INFORMATION;
    }
    return value;
}

CK_RV get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* attributes,
                          CK_ULONG count) {
    const std::string name = fault();
    const CK_RV value = softhsm->C_GetAttributeValue(session, object, attributes, count);
    for (CK_ULONG i = 0; i < count; ++i) {
        if (name == "long-attributes") {
            attributes[i].ulValueLen = four_gibibytes;
        } else if (name == "unavailable-attributes") {
            attributes[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
        } else if (name == "garbage-attributes" && value == CKR_OK && attributes[i].pValue != nullptr &&
                   attributes[i].ulValueLen != CK_UNAVAILABLE_INFORMATION) {
            std::memset(attributes[i].pValue, 0xa5, attributes[i].ulValueLen);
        }
    }
    return value;
}

bool refuses(const CK_MECHANISM* mechanism) {
    return fault_is("no-raw-rsa") && mechanism->mechanism == CKM_RSA_X_509;
}

CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
    const std::string name = fault();
    if (name == "removed") {
        return CKR_DEVICE_REMOVED;
    }
    const bool every_other = ++sign_initialisations % 2 == 0;
    if (name == "operation-active" && every_other) {
        return CKR_OPERATION_ACTIVE;
    }
    if (name == "stale-handle" && every_other) {
        return CKR_KEY_HANDLE_INVALID;
    }
    if (name == "stale-session" && every_other) {
        return CKR_SESSION_HANDLE_INVALID;
    }
    return refuses(mechanism) ? CKR_MECHANISM_INVALID : softhsm->C_SignInit(session, mechanism, key);
}

CK_RV sign(CK_SESSION_HANDLE session, unsigned char* data, CK_ULONG data_length, unsigned char* signature,
           CK_ULONG* length) {
    const std::string name = fault();
    if (name == "segfault") {
        std::signal(SIGSEGV, SIG_DFL);
        std::raise(SIGSEGV);
    } else if (name == "exit") {
        _exit(3);
    } else if (name == "hang") {
        for (;;) {
            pause();
        }
    } else if (name == "removed-while-signing") {
        pulled_out = true;
        return CKR_DEVICE_REMOVED;
    } else if (name == "removed") {
        return CKR_DEVICE_REMOVED;
    }
    const CK_RV value = softhsm->C_Sign(session, data, data_length, signature, length);
    if (name == "long-signature") {
        *length = four_gibibytes;
    } else if (name == "short-signature") {
        *length = 5;
    } else if (name == "stripped-signature" && value == CKR_OK) {
        // As if r and s had a zero in front: both halves lose their first octet.
        const CK_ULONG half = *length / 2;
        std::memmove(signature, signature + 1, half - 1);
        std::memmove(signature + half - 1, signature + half + 1, half - 1);
        *length -= 2;
    }
    return value;
}

CK_RV decrypt_init(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
    return refuses(mechanism) ? CKR_MECHANISM_INVALID : softhsm->C_DecryptInit(session, mechanism, key);
}

// Modules from before PKCS#11 v2.20 amendment 1 want the point in a DER OCTET STRING.
CK_RV derive_key(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key,
                 CK_ATTRIBUTE* attributes, CK_ULONG count, CK_OBJECT_HANDLE* derived) {
    if (!fault_is("wrapped-points-only")) {
        return softhsm->C_DeriveKey(session, mechanism, key, attributes, count, derived);
    }
    CK_ECDH1_DERIVE_PARAMS parameters = *static_cast<CK_ECDH1_DERIVE_PARAMS*>(mechanism->pParameter);
    if (parameters.ulPublicDataLen != 67) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    parameters.pPublicData += 2;
    parameters.ulPublicDataLen -= 2;
    CK_MECHANISM bare = *mechanism;
    bare.pParameter = &parameters;
    return softhsm->C_DeriveKey(session, &bare, key, attributes, count, derived);
}

// Blocks while the fault is "events"; one event comes when it changes, and no more after it.
CK_RV wait_for_slot_event(CK_FLAGS /*flags*/, CK_SLOT_ID* slot, void* /*reserved*/) {
    if (!fault_is("events")) {
        return CKR_FUNCTION_NOT_SUPPORTED;
    }
    std::puts("waits for an event");
    std::fflush(stdout);
    while (fault_is("events")) {
        usleep(5000);
    }
    *slot = 0;
    return CKR_OK;
}

void apply_faults() {
    faulty = *softhsm;
    faulty.C_Initialize = initialize;
    faulty.C_GetSlotList = get_slot_list;
    faulty.C_GetTokenInfo = get_token_info;
    faulty.C_Login = login;
    faulty.C_Logout = logout;
    faulty.C_OpenSession = open_session;
    faulty.C_FindObjects = find_objects;
    faulty.C_GetAttributeValue = get_attribute_value;
    faulty.C_SignInit = sign_init;
    faulty.C_Sign = sign;
    faulty.C_DecryptInit = decrypt_init;
    faulty.C_DeriveKey = derive_key;
    faulty.C_WaitForSlotEvent = wait_for_slot_event;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
    void* library = dlopen(softhsm_path, RTLD_NOW | RTLD_LOCAL);
    const auto get = library != nullptr
                         ? reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"))
                         : nullptr;
    if (get == nullptr || get(&softhsm) != CKR_OK) {
        return CKR_GENERAL_ERROR;
    }
    apply_faults();
    *list = &faulty;
    return CKR_OK;
}
