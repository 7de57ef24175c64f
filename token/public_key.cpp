#include "token/public_key.h"

#include "x509/openssl.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace signet::token {
namespace {

using ParameterBuilderPointer = x509::Pointer<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using ParametersPointer = x509::Pointer<OSSL_PARAM, OSSL_PARAM_free>;
using GroupPointer = x509::Pointer<EC_GROUP, EC_GROUP_free>;
using PointPointer = x509::Pointer<EC_POINT, EC_POINT_free>;

struct Curve {
    KeyType type;
    int nid;
    std::uint32_t bits;
    std::size_t point_size;
    std::string_view identifier;      // dotted
    std::string_view encoded;         // the object identifier in DER
    std::string_view printable = {};  // the name that PKCS#11 v3.0 gives the curve
};

using namespace std::string_view_literals;

constexpr std::array curves{
    Curve{KeyType::ec, NID_X9_62_prime256v1, 256, 65, "1.2.840.10045.3.1.7",
          "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"sv},
    Curve{KeyType::ec, NID_secp384r1, 384, 97, "1.3.132.0.34", "\x06\x05\x2b\x81\x04\x00\x22"sv},
    Curve{KeyType::ec, NID_secp521r1, 521, 133, "1.3.132.0.35", "\x06\x05\x2b\x81\x04\x00\x23"sv},
    Curve{KeyType::ed25519, NID_ED25519, 256, 32, "1.3.101.112", "\x06\x03\x2b\x65\x70"sv, "edwards25519"},
    Curve{KeyType::ed448, NID_ED448, 456, 57, "1.3.101.113", "\x06\x03\x2b\x65\x71"sv, "edwards448"},
    Curve{KeyType::x25519, NID_X25519, 256, 32, "1.3.101.110", "\x06\x03\x2b\x65\x6e"sv, "curve25519"},
    Curve{KeyType::x448, NID_X448, 448, 56, "1.3.101.111", "\x06\x03\x2b\x65\x6f"sv, "curve448"},
};

bool is_printable_string(ByteView parameters, std::string_view name) {
    return !name.empty() && parameters.size() == name.size() + 2 && parameters[0] == 0x13 &&
           parameters[1] == name.size() && as_text(parameters.subspan(2)) == name;
}

Result<const Curve*> find_curve(ByteView parameters) {
    const auto* found = std::find_if(curves.begin(), curves.end(), [parameters](const Curve& curve) {
        return as_text(parameters) == curve.encoded || is_printable_string(parameters, curve.printable);
    });
    if (found == curves.end()) {
        return failure(ErrorCode::unsupported, "CKA_EC_PARAMS", "a curve other than the named ones");
    }
    return found;
}

const Curve* curve_of_nid(int nid) {
    const auto* found =
        std::find_if(curves.begin(), curves.end(), [nid](const Curve& curve) { return curve.nid == nid; });
    return found == curves.end() ? nullptr : found;
}

// What an OCTET STRING holds when `octets` is exactly one with `size` octets in it, else `octets` themselves.
ByteView unwrapped(ByteView octets, std::size_t size) {
    const std::size_t header = size < 0x80 ? 2 : 3;
    if (octets.size() != size + header || octets[0] != 0x04) {
        return octets;
    }
    const bool fits = header == 2 ? octets[1] == size : octets[1] == 0x81 && octets[2] == size;
    return fits ? octets.subspan(header) : octets;
}

Result<Bytes> encoded_info(const EVP_PKEY* key) {
    unsigned char* octets = nullptr;
    const int length = i2d_PUBKEY(key, &octets);
    const x509::OpensslOctets owner(octets);
    if (length <= 0) {
        return x509::openssl_failure("i2d_PUBKEY", ErrorCode::malformed);
    }
    return Bytes(octets, octets + length);
}

Result<x509::KeyPointer> key_from(const char* type, OSSL_PARAM_BLD* builder) {
    const ParametersPointer parameters(OSSL_PARAM_BLD_to_param(builder));
    const x509::KeyContextPointer context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
        return x509::openssl_failure("EVP_PKEY_fromdata", ErrorCode::malformed);
    }
    return x509::KeyPointer(key);
}

Result<x509::KeyPointer> named_curve_key(const Curve& curve, ByteView point) {
    if (curve.type != KeyType::ec) {
        x509::KeyPointer key(EVP_PKEY_new_raw_public_key(curve.nid, nullptr, point.data(), point.size()));
        if (!key) {
            return x509::openssl_failure("EVP_PKEY_new_raw_public_key", ErrorCode::malformed);
        }
        return key;
    }
    const ParameterBuilderPointer builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, OBJ_nid2sn(curve.nid), 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
    return key_from("EC", builder.get());
}

Result<PublicKey> curve_key(const Curve& curve, ByteView point) {
    if (point.size() != curve.point_size) {
        return failure(ErrorCode::malformed, "CKA_EC_POINT", "wrong length for the curve");
    }
    SIGNET_TRY(const auto key, named_curve_key(curve, point));
    SIGNET_TRY(Bytes info, encoded_info(key.get()));
    return PublicKey{.type = curve.type,
                     .bits = curve.bits,
                     .curve = curve.type == KeyType::ec ? std::string(curve.identifier) : std::string(),
                     .public_key_info = std::move(info),
                     .modulus = {}};
}

Bytes to_octets(const BIGNUM* number) {
    Bytes octets(static_cast<std::size_t>(BN_num_bytes(number)));
    BN_bn2bin(number, octets.data());
    return octets;
}

x509::BignumPointer big_number(ByteView octets) {
    return x509::BignumPointer(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
}

Result<PublicKey> rsa_from_key(const EVP_PKEY* key) {
    BIGNUM* modulus = nullptr;
    BIGNUM* exponent = nullptr;
    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus);
    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent);
    const x509::BignumPointer modulus_owner(modulus);
    const x509::BignumPointer exponent_owner(exponent);
    if (modulus == nullptr || exponent == nullptr) {
        return x509::openssl_failure("EVP_PKEY_get_bn_param", ErrorCode::malformed);
    }
    return rsa_public_key(to_octets(modulus), to_octets(exponent));
}

Result<PublicKey> ec_from_key(const EVP_PKEY* key) {
    std::array<char, 64> group{};
    if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                       nullptr) != 1) {
        ERR_clear_error();
        return failure(ErrorCode::unsupported, "public key", "a curve other than the named ones");
    }
    const Curve* curve = curve_of_nid(OBJ_txt2nid(group.data()));
    if (curve == nullptr || curve->type != KeyType::ec) {
        return failure(ErrorCode::unsupported, "public key", "a curve other than the named ones");
    }
    BIGNUM* x = nullptr;
    BIGNUM* y = nullptr;
    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x);
    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y);
    const x509::BignumPointer x_owner(x);
    const x509::BignumPointer y_owner(y);
    const auto coordinate = static_cast<int>(field_size(curve->bits));
    Bytes point(curve->point_size);
    point[0] = 0x04;
    if (x == nullptr || y == nullptr || BN_bn2binpad(x, point.data() + 1, coordinate) < 0 ||
        BN_bn2binpad(y, point.data() + 1 + coordinate, coordinate) < 0) {
        return x509::openssl_failure("EVP_PKEY_get_bn_param", ErrorCode::malformed);
    }
    return curve_key(*curve, point);
}

Result<PublicKey> raw_from_key(const Curve& curve, const EVP_PKEY* key) {
    Bytes point(curve.point_size);
    std::size_t length = point.size();
    if (EVP_PKEY_get_raw_public_key(key, point.data(), &length) != 1 || length != point.size()) {
        return x509::openssl_failure("EVP_PKEY_get_raw_public_key", ErrorCode::malformed);
    }
    return curve_key(curve, point);
}

int nid_of(KeyType type) {
    const auto* found =
        std::find_if(curves.begin(), curves.end(), [type](const Curve& curve) { return curve.type == type; });
    return found->nid;
}

bool on_curve(int nid, ByteView point) {
    const GroupPointer group(EC_GROUP_new_by_curve_name(nid));
    const PointPointer parsed(EC_POINT_new(group.get()));
    const bool fits =
        parsed && EC_POINT_oct2point(group.get(), parsed.get(), point.data(), point.size(), nullptr) == 1;
    ERR_clear_error();
    return fits;
}

}  // namespace

std::size_t field_size(std::uint32_t bits) {
    return (std::size_t{bits} + 7) / 8;
}

Result<PublicKey> rsa_public_key(ByteView modulus, ByteView exponent) {
    if (modulus.size() > max_rsa_bits / 8 + 1 || exponent.size() > max_rsa_bits / 8) {
        return failure(ErrorCode::unsupported, "CKA_MODULUS", "longer than 8192 bits");
    }
    const x509::BignumPointer n = big_number(modulus);
    const x509::BignumPointer e = big_number(exponent);
    if (!n || !e || BN_num_bits(n.get()) < 1024 || BN_is_zero(e.get())) {
        return failure(ErrorCode::unsupported, "CKA_MODULUS", "shorter than 1024 bits");
    }
    const ParameterBuilderPointer builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    SIGNET_TRY(const auto key, key_from("RSA", builder.get()));
    SIGNET_TRY(Bytes info, encoded_info(key.get()));
    return PublicKey{.type = KeyType::rsa,
                     .bits = static_cast<std::uint32_t>(BN_num_bits(n.get())),
                     .curve = {},
                     .public_key_info = std::move(info),
                     .modulus = to_octets(n.get())};
}

Result<PublicKey> ec_public_key(ByteView parameters, ByteView point) {
    SIGNET_TRY(const Curve* curve, find_curve(parameters));
    return curve_key(*curve, unwrapped(point, curve->point_size));
}

Result<PublicKey> public_key_from_info(ByteView public_key_info) {
    const unsigned char* position = public_key_info.data();
    const x509::KeyPointer key(d2i_PUBKEY(nullptr, &position, static_cast<long>(public_key_info.size())));
    if (!key) {
        return x509::openssl_failure("d2i_PUBKEY", ErrorCode::malformed);
    }
    const int type = EVP_PKEY_get_base_id(key.get());
    if (type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS) {
        return rsa_from_key(key.get());
    }
    if (type == EVP_PKEY_EC) {
        return ec_from_key(key.get());
    }
    if (const Curve* curve = curve_of_nid(type)) {
        return raw_from_key(*curve, key.get());
    }
    return failure(ErrorCode::unsupported, "public key", "an algorithm other than RSA and elliptic curves");
}

Result<CurveName> curve_name(ByteView parameters) {
    SIGNET_TRY(const Curve* curve, find_curve(parameters));
    return CurveName{.type = curve->type,
                     .curve = curve->type == KeyType::ec ? std::string(curve->identifier) : std::string()};
}

Result<void> check_peer_point(const PublicKey& own, ByteView point) {
    const int nid = own.type == KeyType::ec ? OBJ_txt2nid(own.curve.c_str()) : nid_of(own.type);
    const Curve* curve = curve_of_nid(nid);
    const bool fits = curve != nullptr && point.size() == curve->point_size &&
                      (curve->type != KeyType::ec || (point[0] == 0x04 && on_curve(nid, point)));
    if (!fits) {
        return failure(ErrorCode::invalid_parameter, "derive", "public_key");
    }
    return {};
}

Bytes der_octet_string(ByteView content) {
    Bytes encoded{0x04};
    if (content.size() >= 0x80) {
        encoded.push_back(0x81);
    }
    encoded.push_back(static_cast<std::uint8_t>(content.size()));
    encoded.insert(encoded.end(), content.begin(), content.end());
    return encoded;
}

}  // namespace signet::token
