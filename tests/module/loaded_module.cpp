#include "tests/module/loaded_module.h"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace signet::test {

CK_FUNCTION_LIST& module_functions() {
    static CK_FUNCTION_LIST* const functions = [] {
        void* library = dlopen(SIGNET_MODULE_PATH, RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) {
            throw std::runtime_error(dlerror());
        }
        CK_FUNCTION_LIST* list = nullptr;
        reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"))(&list);
        return list;
    }();
    return *functions;
}

Wanted& Wanted::number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
    Bytes octets_of(sizeof value);
    std::memcpy(octets_of.data(), &value, sizeof value);
    return octets(type, std::move(octets_of));
}

Wanted& Wanted::flag(CK_ATTRIBUTE_TYPE type, bool value) {
    return octets(type, Bytes{static_cast<std::uint8_t>(value ? CK_TRUE : CK_FALSE)});
}

Wanted& Wanted::octets(CK_ATTRIBUTE_TYPE type, Bytes value) {
    Bytes& kept = m_values.emplace_back(std::move(value));
    m_attributes.push_back({.type = type, .pValue = kept.data(), .ulValueLen = kept.size()});
    return *this;
}

ModuleTest::ModuleTest() {
    setenv("SIGNET_SOCKET", (folder / "agent.sock").c_str(), 1);
    EXPECT_EQ(module.C_Initialize(nullptr), CKR_OK);
}

ModuleTest::~ModuleTest() {
    agent.release();
    module.C_Finalize(nullptr);
}

CK_SESSION_HANDLE ModuleTest::open(CK_SLOT_ID slot) {
    CK_SESSION_HANDLE session = 0;
    EXPECT_EQ(module.C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session), CKR_OK);
    return session;
}

std::vector<CK_OBJECT_HANDLE> ModuleTest::find(CK_SESSION_HANDLE session, Wanted wanted) {
    std::vector<CK_OBJECT_HANDLE> found;
    EXPECT_EQ(module.C_FindObjectsInit(session, wanted.data(), wanted.size()), CKR_OK);
    for (;;) {
        CK_OBJECT_HANDLE handle = 0;
        CK_ULONG count = 0;
        EXPECT_EQ(module.C_FindObjects(session, &handle, 1, &count), CKR_OK);
        if (count == 0) {
            break;
        }
        found.push_back(handle);
    }
    EXPECT_EQ(module.C_FindObjectsFinal(session), CKR_OK);
    return found;
}

CK_OBJECT_HANDLE ModuleTest::find_one(CK_SESSION_HANDLE session, CK_OBJECT_CLASS object_class,
                                      const std::string& label) {
    Wanted wanted;
    wanted.number(CKA_CLASS, object_class);
    if (!label.empty()) {
        wanted.octets(CKA_LABEL, bytes_of(label));
    }
    const auto found = find(session, std::move(wanted));
    EXPECT_EQ(found.size(), 1U);
    return found.empty() ? CK_INVALID_HANDLE : found.front();
}

CK_OBJECT_HANDLE ModuleTest::find_key_of_type(CK_SESSION_HANDLE session, CK_KEY_TYPE type) {
    const auto found =
        find(session, std::move(Wanted().number(CKA_CLASS, CKO_PRIVATE_KEY).number(CKA_KEY_TYPE, type)));
    EXPECT_EQ(found.size(), 1U);
    return found.empty() ? CK_INVALID_HANDLE : found.front();
}

std::optional<Bytes> ModuleTest::attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                                           CK_ATTRIBUTE_TYPE type) {
    CK_ATTRIBUTE wanted{.type = type, .pValue = nullptr, .ulValueLen = 0};
    if (module.C_GetAttributeValue(session, object, &wanted, 1) != CKR_OK) {
        return std::nullopt;
    }
    Bytes value(wanted.ulValueLen + 1);  // never an empty buffer, which would ask for the size again
    wanted.pValue = value.data();
    EXPECT_EQ(module.C_GetAttributeValue(session, object, &wanted, 1), CKR_OK);
    value.resize(wanted.ulValueLen);
    return value;
}

CK_ULONG ModuleTest::number(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
    const auto octets = attribute(session, object, type);
    CK_ULONG value = 0;
    if (!octets || octets->size() != sizeof value) {
        ADD_FAILURE() << "attribute " << type << " is not a number";
        return value;
    }
    std::memcpy(&value, octets->data(), sizeof value);
    return value;
}

CK_RV ModuleTest::sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_MECHANISM mechanism, ByteView data,
                       Bytes& signature) {
    if (const CK_RV started = module.C_SignInit(session, &mechanism, key); started != CKR_OK) {
        return started;
    }
    signature.assign(1024, 0);
    CK_ULONG length = signature.size();
    const CK_RV result = module.C_Sign(session, const_cast<unsigned char*>(data.data()), data.size(),
                                       signature.data(), &length);
    signature.resize(result == CKR_OK ? length : 0);
    return result;
}

CK_RV ModuleTest::decrypt(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_MECHANISM mechanism,
                          Bytes ciphertext, Bytes& plaintext) {
    if (const CK_RV started = module.C_DecryptInit(session, &mechanism, key); started != CKR_OK) {
        return started;
    }
    plaintext.assign(1024, 0);
    CK_ULONG length = plaintext.size();
    const CK_RV result =
        module.C_Decrypt(session, ciphertext.data(), ciphertext.size(), plaintext.data(), &length);
    plaintext.resize(result == CKR_OK ? length : 0);
    return result;
}

}  // namespace signet::test
