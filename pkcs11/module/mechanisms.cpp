#include "pkcs11/module/mechanisms.h"

#include "base/der.h"
#include "pkcs11/module/token_objects.h"

#include <algorithm>
#include <array>
#include <limits>

namespace signet::module {
namespace {

using Hash = HashAlgorithm;

struct SignatureMechanism {
    CK_MECHANISM_TYPE type;
    SignatureScheme scheme;
    std::optional<Hash> hash;  // with it, the mechanism takes a message, and its digest is sent
};

constexpr std::array signature_mechanisms{
    SignatureMechanism{CKM_RSA_PKCS, SignatureScheme::rsa_pkcs1, std::nullopt},
    SignatureMechanism{CKM_SHA1_RSA_PKCS, SignatureScheme::rsa_pkcs1, Hash::sha1},
    SignatureMechanism{CKM_SHA224_RSA_PKCS, SignatureScheme::rsa_pkcs1, Hash::sha224},
    SignatureMechanism{CKM_SHA256_RSA_PKCS, SignatureScheme::rsa_pkcs1, Hash::sha256},
    SignatureMechanism{CKM_SHA384_RSA_PKCS, SignatureScheme::rsa_pkcs1, Hash::sha384},
    SignatureMechanism{CKM_SHA512_RSA_PKCS, SignatureScheme::rsa_pkcs1, Hash::sha512},
    SignatureMechanism{CKM_RSA_PKCS_PSS, SignatureScheme::rsa_pss, std::nullopt},
    SignatureMechanism{CKM_SHA1_RSA_PKCS_PSS, SignatureScheme::rsa_pss, Hash::sha1},
    SignatureMechanism{CKM_SHA224_RSA_PKCS_PSS, SignatureScheme::rsa_pss, Hash::sha224},
    SignatureMechanism{CKM_SHA256_RSA_PKCS_PSS, SignatureScheme::rsa_pss, Hash::sha256},
    SignatureMechanism{CKM_SHA384_RSA_PKCS_PSS, SignatureScheme::rsa_pss, Hash::sha384},
    SignatureMechanism{CKM_SHA512_RSA_PKCS_PSS, SignatureScheme::rsa_pss, Hash::sha512},
    SignatureMechanism{CKM_ECDSA, SignatureScheme::ecdsa, std::nullopt},
    SignatureMechanism{CKM_ECDSA_SHA1, SignatureScheme::ecdsa, Hash::sha1},
    SignatureMechanism{CKM_ECDSA_SHA224, SignatureScheme::ecdsa, Hash::sha224},
    SignatureMechanism{CKM_ECDSA_SHA256, SignatureScheme::ecdsa, Hash::sha256},
    SignatureMechanism{CKM_ECDSA_SHA384, SignatureScheme::ecdsa, Hash::sha384},
    SignatureMechanism{CKM_ECDSA_SHA512, SignatureScheme::ecdsa, Hash::sha512},
    SignatureMechanism{CKM_EDDSA, SignatureScheme::eddsa, std::nullopt},
};

struct DecryptionMechanism {
    CK_MECHANISM_TYPE type;
    DecryptionScheme scheme;
};

constexpr std::array decryption_mechanisms{
    DecryptionMechanism{CKM_RSA_PKCS, DecryptionScheme::rsa_pkcs1},
    DecryptionMechanism{CKM_RSA_PKCS_OAEP, DecryptionScheme::rsa_oaep},
};

// What each hash is called as a mechanism, as a mask generation function and as a key derivation function.
struct HashNames {
    Hash hash;
    CK_MECHANISM_TYPE mechanism;
    CK_ULONG mask;
    CK_ULONG key_derivation;
};

constexpr std::array hash_names{
    HashNames{Hash::sha1, CKM_SHA_1, CKG_MGF1_SHA1, CKD_SHA1_KDF},
    HashNames{Hash::sha224, CKM_SHA224, CKG_MGF1_SHA224, CKD_SHA224_KDF},
    HashNames{Hash::sha256, CKM_SHA256, CKG_MGF1_SHA256, CKD_SHA256_KDF},
    HashNames{Hash::sha384, CKM_SHA384, CKG_MGF1_SHA384, CKD_SHA384_KDF},
    HashNames{Hash::sha512, CKM_SHA512, CKG_MGF1_SHA512, CKD_SHA512_KDF},
};

constexpr std::size_t max_ecdsa_digest = 64;
constexpr std::size_t pkcs1_overhead = 11;  // RFC 8017 section 9.2
constexpr std::size_t max_oaep_label = 1024;
constexpr std::size_t max_shared_info = 1024;

template <class Value>
std::optional<Hash> hash_named(Value HashNames::*field, CK_ULONG value) {
    const auto found = std::find_if(hash_names.begin(), hash_names.end(),
                                    [&](const HashNames& names) { return names.*field == value; });
    return found != hash_names.end() ? std::optional(found->hash) : std::nullopt;
}

template <class Range, class Value>
bool contains(const Range& range, Value value) {
    return std::find(range.begin(), range.end(), value) != range.end();
}

template <class Rows>
auto find_row(const Rows& rows, CK_MECHANISM_TYPE type) {
    const auto found =
        std::find_if(rows.begin(), rows.end(), [type](const auto& row) { return row.type == type; });
    return found != rows.end() ? &*found : nullptr;
}

bool is_rsa(SignatureScheme scheme) {
    return scheme == SignatureScheme::rsa_pkcs1 || scheme == SignatureScheme::rsa_pss;
}

// The mechanism's parameter, or null when it does not have the size of a `Parameters`.
template <class Parameters>
const Parameters* parameters_of(const CK_MECHANISM& mechanism) {
    return mechanism.pParameter != nullptr && mechanism.ulParameterLen == sizeof(Parameters)
               ? static_cast<const Parameters*>(mechanism.pParameter)
               : nullptr;
}

std::size_t signature_size(const ipc::Key& key) {
    switch (key.type) {
        case KeyType::ed25519:
            return 64;  // RFC 8032 section 5.1.6
        case KeyType::ed448:
            return 114;  // RFC 8032 section 5.2.6
        case KeyType::ec:
            return 2 * key_size(key);
        default:
            return key_size(key);
    }
}

// RFC 8017 section 9.1.1 step 3.
bool salt_fits(std::size_t salt_length, Hash hash, const ipc::Key& key) {
    const std::size_t encoded = (key.bits + 6) / 8;  // of one bit less than the modulus has
    const std::size_t taken = digest_size(hash) + 2;
    return taken <= encoded && salt_length <= encoded - taken;
}

CK_RV set_pss(ipc::SignCall& call, const CK_MECHANISM& mechanism, const ipc::Key& key) {
    const auto* parameters = parameters_of<CK_RSA_PKCS_PSS_PARAMS>(mechanism);
    if (parameters == nullptr) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    const auto hash = hash_named(&HashNames::mechanism, parameters->hash_alg);
    const auto mask = hash_named(&HashNames::mask, parameters->mgf);
    if (!hash || !mask || (call.hash && *call.hash != *hash) || !salt_fits(parameters->s_len, *hash, key)) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    call.hash = hash;
    call.mask_hash = mask;
    call.salt_length = static_cast<std::uint32_t>(parameters->s_len);
    return CKR_OK;
}

// Only pure EdDSA without a context.
CK_RV check_eddsa(const CK_MECHANISM& mechanism) {
    if (mechanism.ulParameterLen == 0) {
        return CKR_OK;
    }
    const auto* parameters = parameters_of<EddsaParameters>(mechanism);
    return parameters != nullptr && parameters->prehashed == CK_FALSE && parameters->context_length == 0
               ? CKR_OK
               : CKR_MECHANISM_PARAM_INVALID;
}

void set_input_bounds(SignatureRequest& request, const ipc::Key& key) {
    const ipc::SignCall& call = request.call;
    request.min_input = 0;
    if (call.data_is_message) {
        request.max_input = max_message_size;
    } else if (call.hash) {
        request.min_input = request.max_input = digest_size(*call.hash);
    } else if (call.scheme == SignatureScheme::ecdsa) {
        request.min_input = 1;
        request.max_input = max_ecdsa_digest;
    } else {
        request.max_input = key_size(key) - pkcs1_overhead;
    }
}

struct Abilities {
    CK_FLAGS flags = 0;
    CK_ULONG min_bits = std::numeric_limits<CK_ULONG>::max();
    CK_ULONG max_bits = 0;

    void add(CK_FLAGS flag, const ipc::Key& key) {
        flags |= flag;
        min_bits = std::min<CK_ULONG>(min_bits, key.bits);
        max_bits = std::max<CK_ULONG>(max_bits, key.bits);
    }
};

Abilities abilities(const ipc::Token& token, CK_MECHANISM_TYPE type) {
    const auto* signature = find_row(signature_mechanisms, type);
    const auto* decryption = find_row(decryption_mechanisms, type);
    Abilities result;
    for (const ipc::Key& key : token.keys) {
        if (signature != nullptr && contains(key.signature_schemes, signature->scheme)) {
            result.add(CKF_SIGN, key);
        }
        if (decryption != nullptr && contains(key.decryption_schemes, decryption->scheme)) {
            result.add(CKF_DECRYPT, key);
        }
        if (type == CKM_ECDH1_DERIVE && key.derive) {
            result.add(CKF_DERIVE, key);
        }
    }
    const bool on_curves = (signature != nullptr && !is_rsa(signature->scheme)) || type == CKM_ECDH1_DERIVE;
    if (result.flags != 0) {
        result.flags |= CKF_HW;  // pkcs11-tool --test tries no other mechanisms
    }
    if (result.flags != 0 && on_curves) {
        result.flags |= CKF_EC_F_P | CKF_EC_NAMEDCURVE | CKF_EC_UNCOMPRESS;
    }
    return result;
}

// A point comes raw or inside a DER OCTET STRING (PKCS#11 section 2.3.7 wants both to work).
ByteView unwrap_point(ByteView given, const ipc::Key& key) {
    const bool is_montgomery = key.type == KeyType::x25519 || key.type == KeyType::x448;
    const std::size_t raw_size = is_montgomery ? key_size(key) : 2 * key_size(key) + 1;
    if (given.size() == raw_size) {
        return given;
    }
    return parse_octet_string(given).value_or(given);
}

}  // namespace

std::vector<CK_MECHANISM_TYPE> mechanisms_of(const ipc::Token& token) {
    std::vector<CK_MECHANISM_TYPE> types;
    const auto add = [&](CK_MECHANISM_TYPE type) {
        if (!contains(types, type) && abilities(token, type).flags != 0) {
            types.push_back(type);
        }
    };
    for (const auto& row : signature_mechanisms) {
        add(row.type);
    }
    for (const auto& row : decryption_mechanisms) {
        add(row.type);
    }
    add(CKM_ECDH1_DERIVE);
    return types;
}

std::optional<CK_MECHANISM_INFO> mechanism_info(const ipc::Token& token, CK_MECHANISM_TYPE type) {
    const Abilities found = abilities(token, type);
    if (found.flags == 0) {
        return std::nullopt;
    }
    return CK_MECHANISM_INFO{
        .ulMinKeySize = found.min_bits, .ulMaxKeySize = found.max_bits, .flags = found.flags};
}

Outcome<SignatureRequest> signature_request(const CK_MECHANISM& mechanism, const ipc::Key& key) {
    const auto* row = find_row(signature_mechanisms, mechanism.mechanism);
    if (row == nullptr) {
        return Refusal(CKR_MECHANISM_INVALID);
    }
    if (!contains(key.signature_schemes, row->scheme)) {
        return Refusal(key.signature_schemes.empty() ? CKR_KEY_FUNCTION_NOT_PERMITTED
                                                     : CKR_KEY_TYPE_INCONSISTENT);
    }
    SignatureRequest request{};
    ipc::SignCall& call = request.call;
    call.scheme = row->scheme;
    call.hash = row->hash;
    call.data_is_message = row->scheme == SignatureScheme::eddsa;
    request.hashes_message = row->hash.has_value();
    CK_RV sound = CKR_OK;
    if (call.scheme == SignatureScheme::rsa_pss) {
        sound = set_pss(call, mechanism, key);
    } else if (call.scheme == SignatureScheme::eddsa) {
        sound = check_eddsa(mechanism);
    }
    if (sound != CKR_OK) {
        return Refusal(sound);
    }
    request.signature_size = signature_size(key);
    if (!request.hashes_message) {
        set_input_bounds(request, key);
    }
    return request;
}

Outcome<ipc::DecryptCall> decryption_request(const CK_MECHANISM& mechanism, const ipc::Key& key) {
    const auto* row = find_row(decryption_mechanisms, mechanism.mechanism);
    if (row == nullptr) {
        return Refusal(CKR_MECHANISM_INVALID);
    }
    if (!contains(key.decryption_schemes, row->scheme)) {
        return Refusal(key.decryption_schemes.empty() ? CKR_KEY_FUNCTION_NOT_PERMITTED
                                                      : CKR_KEY_TYPE_INCONSISTENT);
    }
    ipc::DecryptCall call;
    call.scheme = row->scheme;
    if (row->scheme != DecryptionScheme::rsa_oaep) {
        return call;
    }
    const auto* parameters = parameters_of<CK_RSA_PKCS_OAEP_PARAMS>(mechanism);
    if (parameters == nullptr || parameters->source_data_len > max_oaep_label ||
        (parameters->source_data == nullptr && parameters->source_data_len != 0)) {
        return Refusal(CKR_MECHANISM_PARAM_INVALID);
    }
    call.hash = hash_named(&HashNames::mechanism, parameters->hash_alg);
    call.mask_hash = hash_named(&HashNames::mask, parameters->mgf);
    if (!call.hash || !call.mask_hash) {
        return Refusal(CKR_MECHANISM_PARAM_INVALID);
    }
    const auto* label = static_cast<const std::uint8_t*>(parameters->source_data);
    call.label.assign(label, label + parameters->source_data_len);
    return call;
}

Outcome<ipc::DeriveCall> derivation_request(const CK_MECHANISM& mechanism, const ipc::Key& key,
                                            std::optional<CK_ULONG> value_length) {
    if (mechanism.mechanism != CKM_ECDH1_DERIVE) {
        return Refusal(CKR_MECHANISM_INVALID);
    }
    if (!key.derive) {
        return Refusal(CKR_KEY_FUNCTION_NOT_PERMITTED);
    }
    const auto* parameters = parameters_of<CK_ECDH1_DERIVE_PARAMS>(mechanism);
    if (parameters == nullptr || parameters->public_data == nullptr ||
        parameters->public_data_len > max_rsa_bits || parameters->shared_data_len > max_shared_info ||
        (parameters->shared_data == nullptr && parameters->shared_data_len != 0)) {
        return Refusal(CKR_MECHANISM_PARAM_INVALID);
    }
    ipc::DeriveCall call;
    const ByteView point = unwrap_point({parameters->public_data, parameters->public_data_len}, key);
    call.public_key.assign(point.begin(), point.end());
    if (parameters->kdf == CKD_NULL) {
        return parameters->shared_data_len == 0 ? Outcome<ipc::DeriveCall>(std::move(call))
                                                : Refusal(CKR_MECHANISM_PARAM_INVALID);
    }
    call.kdf_hash = hash_named(&HashNames::key_derivation, parameters->kdf);
    if (!call.kdf_hash) {
        return Refusal(CKR_MECHANISM_PARAM_INVALID);
    }
    call.shared_info.assign(parameters->shared_data, parameters->shared_data + parameters->shared_data_len);
    call.length = static_cast<std::uint32_t>(value_length.value_or(digest_size(*call.kdf_hash)));
    return call;
}

}  // namespace signet::module
