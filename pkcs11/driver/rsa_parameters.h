#pragma once

#include "base/algorithms.h"
#include "pkcs11/driver/cryptoki.h"

namespace signet::pkcs11 {

// The hash functions as RSA mechanisms' parameters name them.
constexpr CK_MECHANISM_TYPE hash_mechanism(HashAlgorithm hash) {
    switch (hash) {
        case HashAlgorithm::sha1:
            return CKM_SHA_1;
        case HashAlgorithm::sha224:
            return CKM_SHA224;
        case HashAlgorithm::sha256:
            return CKM_SHA256;
        case HashAlgorithm::sha384:
            return CKM_SHA384;
        case HashAlgorithm::sha512:
            break;
    }
    return CKM_SHA512;
}

constexpr CK_ULONG mask_generation(HashAlgorithm hash) {
    switch (hash) {
        case HashAlgorithm::sha1:
            return CKG_MGF1_SHA1;
        case HashAlgorithm::sha224:
            return CKG_MGF1_SHA224;
        case HashAlgorithm::sha256:
            return CKG_MGF1_SHA256;
        case HashAlgorithm::sha384:
            return CKG_MGF1_SHA384;
        case HashAlgorithm::sha512:
            break;
    }
    return CKG_MGF1_SHA512;
}

constexpr CK_MECHANISM plain_mechanism(CK_MECHANISM_TYPE type) {
    return {.mechanism = type, .pParameter = nullptr, .ulParameterLen = 0};
}

}  // namespace signet::pkcs11
