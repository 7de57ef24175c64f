#include "token/private_key.h"

#include "x509/openssl.h"

#include <openssl/core_names.h>

namespace signet::token {
namespace {

using PrivateKeyInfoPointer = x509::Pointer<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using SecretNumber = x509::Pointer<BIGNUM, BN_clear_free>;

Result<x509::KeyPointer> parsed(ByteView der) {
    const unsigned char* position = der.data();
    const PrivateKeyInfoPointer info(
        d2i_PKCS8_PRIV_KEY_INFO(nullptr, &position, static_cast<long>(der.size())));
    if (!info || position != der.data() + der.size()) {
        return x509::openssl_failure("d2i_PKCS8_PRIV_KEY_INFO", ErrorCode::malformed);
    }
    x509::KeyPointer key(EVP_PKCS82PKEY(info.get()));
    if (!key) {
        return x509::openssl_failure("EVP_PKCS82PKEY", ErrorCode::malformed);
    }
    return key;
}

Result<PublicKey> public_half(const EVP_PKEY* key) {
    unsigned char* octets = nullptr;
    const int length = i2d_PUBKEY(key, &octets);
    const x509::OpensslOctets owner(octets);
    if (length <= 0) {
        return x509::openssl_failure("i2d_PUBKEY", ErrorCode::malformed);
    }
    return public_key_from_info({octets, static_cast<std::size_t>(length)});
}

Result<void> check_halves(EVP_PKEY* key) {
    const x509::KeyContextPointer context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    if (!context || EVP_PKEY_pairwise_check(context.get()) != 1) {
        return x509::openssl_failure("EVP_PKEY_pairwise_check", ErrorCode::malformed);
    }
    return {};
}

SecretNumber number_of(const EVP_PKEY* key, const char* parameter) {
    BIGNUM* number = nullptr;
    EVP_PKEY_get_bn_param(key, parameter, &number);
    return SecretNumber(number);
}

// With zeros before it until it has `size` octets.
Result<Secret> padded_number(const EVP_PKEY* key, const char* parameter, std::size_t size) {
    const SecretNumber number = number_of(key, parameter);
    Bytes octets(size);
    const bool fits = number && BN_bn2binpad(number.get(), octets.data(), static_cast<int>(size)) >= 0;
    auto secret = fits ? Secret::copy_of(octets)
                       : Result<Secret>(x509::openssl_failure("private key", ErrorCode::malformed));
    wipe(octets);
    return secret;
}

Result<void> read_rsa(PrivateKey& out, const EVP_PKEY* key) {
    if (number_of(key, OSSL_PKEY_PARAM_RSA_FACTOR3)) {
        return failure(ErrorCode::unsupported, "private key", "an RSA key of more than two primes");
    }
    const std::size_t size = out.public_key.modulus.size();
    const std::size_t half = size / 2;
    SIGNET_TRY(out.private_exponent, padded_number(key, OSSL_PKEY_PARAM_RSA_D, size));
    SIGNET_TRY(out.prime1, padded_number(key, OSSL_PKEY_PARAM_RSA_FACTOR1, half));
    SIGNET_TRY(out.prime2, padded_number(key, OSSL_PKEY_PARAM_RSA_FACTOR2, half));
    SIGNET_TRY(out.exponent1, padded_number(key, OSSL_PKEY_PARAM_RSA_EXPONENT1, half));
    SIGNET_TRY(out.exponent2, padded_number(key, OSSL_PKEY_PARAM_RSA_EXPONENT2, half));
    SIGNET_TRY(out.coefficient, padded_number(key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, half));
    const SecretNumber exponent = number_of(key, OSSL_PKEY_PARAM_RSA_E);
    out.public_exponent.resize(static_cast<std::size_t>(BN_num_bytes(exponent.get())));
    BN_bn2bin(exponent.get(), out.public_exponent.data());
    return {};
}

Result<void> read_raw(PrivateKey& out, const EVP_PKEY* key) {
    Bytes octets(field_size(out.public_key.bits));
    std::size_t size = octets.size();
    const bool fits = EVP_PKEY_get_raw_private_key(key, octets.data(), &size) == 1 && size == octets.size();
    auto secret =
        fits ? Secret::copy_of(octets)
             : Result<Secret>(x509::openssl_failure("EVP_PKEY_get_raw_private_key", ErrorCode::malformed));
    wipe(octets);
    SIGNET_TRY(out.scalar, std::move(secret));
    return {};
}

}  // namespace

Result<KeyAlgorithm> key_algorithm_of(const PublicKey& key) {
    const auto unknown = failure(ErrorCode::unsupported, "key", "a kind of key that tokens do not hold");
    switch (key.type) {
        case KeyType::rsa:
            return key.bits == 2048   ? Result<KeyAlgorithm>(KeyAlgorithm::rsa2048)
                   : key.bits == 3072 ? Result<KeyAlgorithm>(KeyAlgorithm::rsa3072)
                   : key.bits == 4096 ? Result<KeyAlgorithm>(KeyAlgorithm::rsa4096)
                                      : Result<KeyAlgorithm>(unknown);
        case KeyType::ec:
            return key.bits == 256   ? Result<KeyAlgorithm>(KeyAlgorithm::p256)
                   : key.bits == 384 ? Result<KeyAlgorithm>(KeyAlgorithm::p384)
                                     : Result<KeyAlgorithm>(KeyAlgorithm::p521);
        case KeyType::ed25519:
            return KeyAlgorithm::ed25519;
        case KeyType::x25519:
            return KeyAlgorithm::x25519;
        default:
            return unknown;
    }
}

Result<PrivateKey> private_key_from_info(const Secret& private_key_info) {
    SIGNET_TRY(const auto key, parsed(private_key_info.expose()));
    SIGNET_TRY(PublicKey public_key, public_half(key.get()));
    SIGNET_TRY(const KeyAlgorithm algorithm, key_algorithm_of(public_key));
    SIGNET_CHECK(check_halves(key.get()));
    PrivateKey out{.algorithm = algorithm, .public_key = std::move(public_key)};
    if (out.public_key.type == KeyType::rsa) {
        SIGNET_CHECK(read_rsa(out, key.get()));
    } else if (out.public_key.type == KeyType::ec) {
        SIGNET_TRY(out.scalar,
                   padded_number(key.get(), OSSL_PKEY_PARAM_PRIV_KEY, field_size(out.public_key.bits)));
    } else {
        SIGNET_CHECK(read_raw(out, key.get()));
    }
    return out;
}

}  // namespace signet::token
