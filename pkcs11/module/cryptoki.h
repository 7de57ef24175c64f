#pragma once

#include "base/result.h"

#include <p11-kit/pkcs11.h>

namespace signet::module {

// Names of PKCS#11 3.0 that the 2.40 header does not have.
inline constexpr CK_KEY_TYPE ckk_ec_montgomery = 0x41;
inline constexpr CK_OBJECT_CLASS cko_profile = 0x09;
inline constexpr CK_ATTRIBUTE_TYPE cka_profile_id = 0x601;
inline constexpr CK_ULONG ckp_public_certificates_token = 4;
struct EddsaParameters {  // CK_EDDSA_PARAMS
    CK_BBOOL prehashed;
    CK_ULONG context_length;
    CK_BYTE_PTR context;
};

// A value, or the return value that the caller gets instead.
template <class T>
using Outcome = tl::expected<T, CK_RV>;
using Refusal = tl::unexpected<CK_RV>;

}  // namespace signet::module
