#include "pkcs11/driver/mechanisms.h"

#include <algorithm>
#include <array>
#include <vector>

namespace signet::pkcs11 {
namespace {

constexpr CK_ULONG max_mechanisms = 1024;
constexpr std::array<CK_MECHANISM_TYPE, 7> wanted{
    CKM_RSA_PKCS, CKM_RSA_X_509, CKM_RSA_PKCS_PSS, CKM_RSA_PKCS_OAEP, CKM_ECDSA, CKM_EDDSA, CKM_ECDH1_DERIVE};

std::vector<CK_MECHANISM_TYPE> mechanism_list(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot) {
    std::vector<CK_MECHANISM_TYPE> types(max_mechanisms);
    CK_ULONG count = max_mechanisms;
    if (functions.C_GetMechanismList(slot, types.data(), &count) != CKR_OK || count > max_mechanisms) {
        return {};
    }
    types.resize(count);
    return types;
}

}  // namespace

Mechanisms Mechanisms::read(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot) {
    Mechanisms mechanisms;
    for (const CK_MECHANISM_TYPE type : mechanism_list(functions, slot)) {
        CK_MECHANISM_INFO info{};
        if (std::find(wanted.begin(), wanted.end(), type) != wanted.end() &&
            functions.C_GetMechanismInfo(slot, type, &info) == CKR_OK) {
            mechanisms.m_flags[type] = info.flags;
        }
    }
    return mechanisms;
}

bool Mechanisms::can(CK_MECHANISM_TYPE mechanism, CK_FLAGS flag) const {
    const auto found = m_flags.find(mechanism);
    return found != m_flags.end() && (found->second & flag) != 0;
}

void set_capabilities(token::Key& key, const Mechanisms& mechanisms, const KeyUsage& usage) {
    const auto add_signature = [&](SignatureScheme scheme, CK_MECHANISM_TYPE mechanism) {
        if (usage.sign && mechanisms.can(mechanism, CKF_SIGN)) {
            key.signature_schemes.push_back(scheme);
        }
    };
    const auto rsa = [&](CK_MECHANISM_TYPE padded, CK_FLAGS flag) {
        return mechanisms.can(padded, flag) || mechanisms.can(CKM_RSA_X_509, flag);
    };
    switch (key.type) {
        case KeyType::rsa:
            if (usage.sign && rsa(CKM_RSA_PKCS, CKF_SIGN)) {
                key.signature_schemes.push_back(SignatureScheme::rsa_pkcs1);
            }
            if (usage.sign && rsa(CKM_RSA_PKCS_PSS, CKF_SIGN)) {
                key.signature_schemes.push_back(SignatureScheme::rsa_pss);
            }
            if (usage.decrypt && rsa(CKM_RSA_PKCS, CKF_DECRYPT)) {
                key.decryption_schemes.push_back(DecryptionScheme::rsa_pkcs1);
            }
            if (usage.decrypt && rsa(CKM_RSA_PKCS_OAEP, CKF_DECRYPT)) {
                key.decryption_schemes.push_back(DecryptionScheme::rsa_oaep);
            }
            break;
        case KeyType::ec:
            add_signature(SignatureScheme::ecdsa, CKM_ECDSA);
            key.derive = usage.derive && mechanisms.can(CKM_ECDH1_DERIVE, CKF_DERIVE);
            break;
        case KeyType::ed25519:
        case KeyType::ed448:
            add_signature(SignatureScheme::eddsa, CKM_EDDSA);
            break;
        case KeyType::x25519:
        case KeyType::x448:
            key.derive = usage.derive && mechanisms.can(CKM_ECDH1_DERIVE, CKF_DERIVE);
            break;
    }
}

}  // namespace signet::pkcs11
