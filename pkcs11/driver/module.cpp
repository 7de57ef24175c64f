#include "pkcs11/driver/module.h"

#include "pkcs11/driver/error.h"

#include <dlfcn.h>

namespace signet::pkcs11 {
namespace {

// More readers than anybody has; a module that says more has gone mad.
constexpr CK_ULONG max_slots = 256;

Result<CK_FUNCTION_LIST*> function_list(const std::string& path) {
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        return failure(ErrorCode::driver_failed, "dlopen", dlerror());
    }
    const auto get = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
    if (get == nullptr) {
        return failure(ErrorCode::driver_failed, "dlsym", path + ": not a PKCS#11 module");
    }
    CK_FUNCTION_LIST* functions = nullptr;
    SIGNET_CHECK(check("C_GetFunctionList", get(&functions)));
    if (functions == nullptr) {
        return nonsense("C_GetFunctionList", "no functions");
    }
    return functions;
}

}  // namespace

Result<Module> Module::load(const std::string& path) {
    SIGNET_TRY(CK_FUNCTION_LIST * functions, function_list(path));
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    CK_RV value = functions->C_Initialize(&arguments);
    const bool thread_safe = value == CKR_OK || value == CKR_CRYPTOKI_ALREADY_INITIALIZED;
    if (value == CKR_CANT_LOCK || value == CKR_ARGUMENTS_BAD) {
        value = functions->C_Initialize(nullptr);
    }
    if (value != CKR_OK && value != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
        return failed("C_Initialize", value);
    }
    return Module(*functions, thread_safe);
}

Result<std::vector<CK_SLOT_ID>> Module::slots() const {
    CK_ULONG count = 0;
    SIGNET_CHECK(check("C_GetSlotList", m_functions->C_GetSlotList(CK_TRUE, nullptr, &count)));
    if (count > max_slots) {
        return nonsense("C_GetSlotList", "number of slots");
    }
    // Room for what is inserted between the two calls.
    std::vector<CK_SLOT_ID> slots(max_slots);
    count = max_slots;
    SIGNET_CHECK(check("C_GetSlotList", m_functions->C_GetSlotList(CK_TRUE, slots.data(), &count)));
    if (count > max_slots) {
        return nonsense("C_GetSlotList", "number of slots");
    }
    slots.resize(count);
    return slots;
}

}  // namespace signet::pkcs11
