#pragma once

#include "base/algorithms.h"
#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>

namespace signet::token {

// A public key in the one form by which keys are compared: its SubjectPublicKeyInfo with a named curve and an
// uncompressed point, or with rsaEncryption.
struct PublicKey {
    KeyType type{};
    std::uint32_t bits = 0;
    std::string curve;  // with ec: dotted object identifier
    Bytes public_key_info;
    Bytes modulus;  // with rsa: big-endian, no leading zeros
};

Result<PublicKey> rsa_public_key(ByteView modulus, ByteView exponent);
// `parameters` as CKA_EC_PARAMS has them: the object identifier of a named curve, or its name as a
// PrintableString for Edwards and Montgomery curves. `point` is bare or in a DER OCTET STRING. Explicit
// parameters and curves other than P-256, P-384, P-521 are unsupported; a point that is not on the curve is
// malformed.
Result<PublicKey> ec_public_key(ByteView parameters, ByteView point);
Result<PublicKey> public_key_from_info(ByteView public_key_info);

// Octets of a coordinate or of an RSA modulus.
std::size_t field_size(std::uint32_t bits);
// Type and curve of CKA_EC_PARAMS alone.
struct CurveName {
    KeyType type{};
    std::string curve;

    bool operator==(const CurveName&) const = default;
};
Result<CurveName> curve_name(ByteView parameters);

// Checks the other side's key of a key agreement with `own`: uncompressed and on the curve, or of the right
// length (RFC 7748). invalid_parameter otherwise.
Result<void> check_peer_point(const PublicKey& own, ByteView point);
Bytes der_octet_string(ByteView content);

}  // namespace signet::token
