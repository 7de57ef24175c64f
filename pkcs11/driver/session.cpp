#include "pkcs11/driver/session.h"

#include "base/log.h"
#include "pkcs11/driver/error.h"
#include "x509/certificate.h"

#include <array>
#include <cstring>

namespace signet::pkcs11 {
namespace {

constexpr std::size_t max_objects = 1024;
constexpr std::size_t find_batch = 64;
// Certificates are the longest values.
constexpr CK_ULONG max_attribute_size = x509::max_certificate_size;
// All but the longest certificates. A module may read the object from the card for each question, so that the
// length is not asked first.
constexpr std::size_t usual_attribute_size = 4096;

}  // namespace

Result<Session> Session::open_with(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot, CK_FLAGS flags) {
    CK_SESSION_HANDLE handle = 0;
    SIGNET_CHECK(check("C_OpenSession", functions.C_OpenSession(slot, flags, nullptr, nullptr, &handle)));
    return Session(functions, slot, handle);
}

Result<Session> Session::open(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot) {
    return open_with(functions, slot, CKF_SERIAL_SESSION);
}

Result<Session> Session::open_for_writing(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot) {
    return open_with(functions, slot, CKF_SERIAL_SESSION | CKF_RW_SESSION);
}

Session::~Session() {
    if (m_handle == 0) {
        return;
    }
    if (const CK_RV value = m_functions->C_CloseSession(m_handle); value != CKR_OK) {
        log::debug(to_error("C_CloseSession", value).detail);
    }
}

Result<bool> Session::logged_in() const {
    CK_SESSION_INFO info{};
    SIGNET_CHECK(check("C_GetSessionInfo", m_functions->C_GetSessionInfo(m_handle, &info)));
    return info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS;
}

Result<std::vector<CK_OBJECT_HANDLE>> Session::found_objects() const {
    std::vector<CK_OBJECT_HANDLE> objects;
    for (;;) {
        std::array<CK_OBJECT_HANDLE, find_batch> batch{};
        CK_ULONG count = 0;
        SIGNET_CHECK(
            check("C_FindObjects", m_functions->C_FindObjects(m_handle, batch.data(), batch.size(), &count)));
        if (count == 0) {
            return objects;
        }
        if (count > batch.size() || objects.size() + count > max_objects) {
            return nonsense("C_FindObjects", "number of objects");
        }
        objects.insert(objects.end(), batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(count));
    }
}

Result<std::vector<CK_OBJECT_HANDLE>> Session::find(std::vector<CK_ATTRIBUTE> pattern) const {
    SIGNET_CHECK(
        check("C_FindObjectsInit", m_functions->C_FindObjectsInit(m_handle, pattern.data(), pattern.size())));
    auto objects = found_objects();
    const CK_RV value = m_functions->C_FindObjectsFinal(m_handle);
    if (objects && value != CKR_OK) {
        return failed("C_FindObjectsFinal", value);
    }
    return objects;
}

Result<std::vector<CK_OBJECT_HANDLE>> Session::find_class(CK_OBJECT_CLASS object_class) const {
    return find({{.type = CKA_CLASS, .pValue = &object_class, .ulValueLen = sizeof(object_class)}});
}

std::optional<Bytes> Session::attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
    std::array<std::uint8_t, usual_attribute_size> usual{};
    CK_ATTRIBUTE query{.type = type, .pValue = usual.data(), .ulValueLen = usual.size()};
    const CK_RV result = m_functions->C_GetAttributeValue(m_handle, object, &query, 1);
    if (result == CKR_OK && query.ulValueLen <= usual.size()) {
        return Bytes(usual.begin(), usual.begin() + static_cast<std::ptrdiff_t>(query.ulValueLen));
    }
    return result == CKR_BUFFER_TOO_SMALL ? long_attribute(object, type) : std::nullopt;
}

std::optional<Bytes> Session::long_attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
    CK_ATTRIBUTE query{.type = type, .pValue = nullptr, .ulValueLen = 0};
    if (m_functions->C_GetAttributeValue(m_handle, object, &query, 1) != CKR_OK ||
        query.ulValueLen > max_attribute_size) {
        return std::nullopt;
    }
    Bytes value(query.ulValueLen);
    query.pValue = value.data();
    if (m_functions->C_GetAttributeValue(m_handle, object, &query, 1) != CKR_OK ||
        query.ulValueLen > value.size()) {
        return std::nullopt;
    }
    value.resize(query.ulValueLen);
    return value;
}

std::optional<bool> Session::flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
    const auto value = attribute(object, type);
    if (!value || value->size() != sizeof(CK_BBOOL)) {
        return std::nullopt;
    }
    return (*value)[0] != CK_FALSE;
}

std::optional<CK_ULONG> Session::number(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
    const auto value = attribute(object, type);
    CK_ULONG number = 0;
    if (!value || value->size() != sizeof(number)) {
        return std::nullopt;
    }
    std::memcpy(&number, value->data(), sizeof(number));
    return number;
}

}  // namespace signet::pkcs11
