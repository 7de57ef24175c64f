#include "tests/support/piv_card/key_material.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>

namespace signet::test::piv_card {
namespace {

using x509::BignumPointer;
using BuilderPointer = x509::Pointer<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using ParametersPointer = x509::Pointer<OSSL_PARAM, OSSL_PARAM_free>;
using ContextPointer = x509::Pointer<BN_CTX, BN_CTX_free>;
using GroupPointer = x509::Pointer<EC_GROUP, EC_GROUP_free>;
using PointPointer = x509::Pointer<EC_POINT, EC_POINT_free>;

constexpr BN_ULONG public_exponent = 65537;

BignumPointer number_from(const Element* element) {
    return BignumPointer(element == nullptr ? nullptr
                                            : BN_bin2bn(element->value.data(),
                                                        static_cast<int>(element->value.size()), nullptr));
}

x509::KeyPointer key_from_data(const char* type, int selection, OSSL_PARAM_BLD* builder) {
    const ParametersPointer parameters(OSSL_PARAM_BLD_to_param(builder));
    const x509::KeyContextPointer context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) <= 0 ||
        EVP_PKEY_fromdata(context.get(), &key, selection, parameters.get()) <= 0) {
        return nullptr;
    }
    return x509::KeyPointer(key);
}

x509::KeyPointer rsa_from_primes(const BIGNUM* p, const BIGNUM* q) {
    const ContextPointer context(BN_CTX_secure_new());
    const BignumPointer n(BN_new()), e(BN_new()), p1(BN_dup(p)), q1(BN_dup(q)), phi(BN_new());
    const BignumPointer dp(BN_new()), dq(BN_new());
    BN_mul(n.get(), p, q, context.get());
    BN_set_word(e.get(), public_exponent);
    BN_sub_word(p1.get(), 1);
    BN_sub_word(q1.get(), 1);
    BN_mul(phi.get(), p1.get(), q1.get(), context.get());
    const BignumPointer d(BN_mod_inverse(nullptr, e.get(), phi.get(), context.get()));
    const BignumPointer qinv(BN_mod_inverse(nullptr, q, p, context.get()));
    if (!d || !qinv) {
        return nullptr;
    }
    BN_mod(dp.get(), d.get(), p1.get(), context.get());
    BN_mod(dq.get(), d.get(), q1.get(), context.get());
    const BuilderPointer builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_D, d.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_FACTOR1, p);
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_FACTOR2, q);
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_EXPONENT1, dp.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_EXPONENT2, dq.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_COEFFICIENT1, qinv.get());
    return key_from_data("RSA", EVP_PKEY_KEYPAIR, builder.get());
}

x509::KeyPointer rsa_from_parts(KeyAlgorithm algorithm, std::span<const Element> parts) {
    const auto p = number_from(find(parts, 0x01));
    const auto q = number_from(find(parts, 0x02));
    const int prime_bits = static_cast<int>(size_of(algorithm)) * 4;
    if (!p || !q || BN_num_bits(p.get()) != prime_bits || BN_num_bits(q.get()) != prime_bits) {
        return nullptr;
    }
    return rsa_from_primes(p.get(), q.get());
}

x509::KeyPointer ec_from_scalar(KeyAlgorithm algorithm, ByteView octets) {
    const GroupPointer group(EC_GROUP_new_by_curve_name(OBJ_sn2nid(group_name(algorithm))));
    const BignumPointer scalar(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
    const PointPointer point(EC_POINT_new(group.get()));
    if (BN_is_zero(scalar.get()) || BN_cmp(scalar.get(), EC_GROUP_get0_order(group.get())) >= 0 ||
        EC_POINT_mul(group.get(), point.get(), scalar.get(), nullptr, nullptr, nullptr) != 1) {
        return nullptr;
    }
    Bytes encoded(1 + 2 * size_of(algorithm));
    EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(),
                       encoded.size(), nullptr);
    const BuilderPointer builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group_name(algorithm), 0);
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar.get());
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(), encoded.size());
    return key_from_data("EC", EVP_PKEY_KEYPAIR, builder.get());
}

}  // namespace

const char* group_name(KeyAlgorithm algorithm) {
    return algorithm == KeyAlgorithm::p256 ? "prime256v1" : "secp384r1";
}

Bytes number_of(const EVP_PKEY* key, const char* parameter) {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key, parameter, &value);
    const BignumPointer owner(value);
    Bytes octets(static_cast<std::size_t>(BN_num_bytes(value)));
    BN_bn2bin(value, octets.data());
    return octets;
}

Bytes point_of(const EVP_PKEY* key) {
    Bytes octets(1 + 2 * 48);
    std::size_t size = 0;
    EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, octets.data(), octets.size(), &size);
    octets.resize(size);
    return octets;
}

x509::KeyPointer public_key_from_point(KeyAlgorithm algorithm, ByteView point) {
    const BuilderPointer builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group_name(algorithm), 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
    return key_from_data("EC", EVP_PKEY_PUBLIC_KEY, builder.get());
}

x509::KeyPointer key_from_parts(KeyAlgorithm algorithm, std::span<const Element> parts) {
    if (is_rsa(algorithm)) {
        return rsa_from_parts(algorithm, parts);
    }
    const bool edwards = algorithm == KeyAlgorithm::ed25519;
    const auto* const raw = find(parts, is_nist_curve(algorithm) ? 0x06 : edwards ? 0x07 : 0x08);
    if (raw == nullptr || raw->value.size() != size_of(algorithm)) {
        return nullptr;
    }
    if (is_nist_curve(algorithm)) {
        return ec_from_scalar(algorithm, raw->value);
    }
    return x509::KeyPointer(EVP_PKEY_new_raw_private_key(edwards ? EVP_PKEY_ED25519 : EVP_PKEY_X25519,
                                                         nullptr, raw->value.data(), raw->value.size()));
}

}  // namespace signet::test::piv_card
