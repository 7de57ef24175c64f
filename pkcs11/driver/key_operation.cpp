#include "pkcs11/driver/key_operation.h"

#include "pkcs11/driver/error.h"
#include "pkcs11/driver/login.h"

namespace signet::pkcs11 {
namespace {

// Cryptoki reads its input through pointers that are not const.
CK_BYTE* input(ByteView octets) {
    static CK_BYTE nothing = 0;
    return octets.empty() ? &nothing : const_cast<CK_BYTE*>(octets.data());
}

using WorkingFunction = CK_RV (*)(CK_SESSION_HANDLE, CK_BYTE_PTR, CK_ULONG, CK_BYTE_PTR, CK_ULONG_PTR);

Result<Bytes> work(std::string_view name, WorkingFunction function, const Session& session, ByteView data,
                   std::size_t capacity) {
    Bytes output(capacity);
    CK_ULONG length = capacity;
    SIGNET_CHECK(check(name, function(session.handle(), input(data), data.size(), output.data(), &length)));
    if (length > capacity) {
        return nonsense(name, "length");
    }
    output.resize(length);
    return output;
}

}  // namespace

Result<void> KeyOperation::authenticate() {
    if (!m_entry.key.always_authenticate) {
        return {};
    }
    m_pin_spent = true;
    return log_in(m_session, CKU_CONTEXT_SPECIFIC, m_authentication.pin_pad ? nullptr : m_authentication.pin);
}

Result<Bytes> KeyOperation::sign(CK_MECHANISM mechanism, ByteView data, std::size_t capacity) {
    CK_FUNCTION_LIST& functions = m_session.functions();
    SIGNET_CHECK(check("C_SignInit", functions.C_SignInit(m_session.handle(), &mechanism, handle())));
    SIGNET_CHECK(authenticate());
    return work("C_Sign", functions.C_Sign, m_session, data, capacity);
}

Result<Bytes> KeyOperation::decrypt(CK_MECHANISM mechanism, ByteView data, std::size_t capacity) {
    CK_FUNCTION_LIST& functions = m_session.functions();
    SIGNET_CHECK(check("C_DecryptInit", functions.C_DecryptInit(m_session.handle(), &mechanism, handle())));
    SIGNET_CHECK(authenticate());
    return work("C_Decrypt", functions.C_Decrypt, m_session, data, capacity);
}

}  // namespace signet::pkcs11
