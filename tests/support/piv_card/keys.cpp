#include "tests/support/piv_card/keys.h"

#include "tests/support/piv_card/key_material.h"
#include "tests/support/rsa_keys.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include <stdexcept>

namespace signet::test::piv_card {
namespace {

x509::KeyPointer generate_key(KeyAlgorithm algorithm) {
    EVP_PKEY* key = nullptr;
    if (is_rsa(algorithm)) {
        key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_of(algorithm) * 8);
    } else if (is_nist_curve(algorithm)) {
        key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", group_name(algorithm));
    } else {
        key = EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm == KeyAlgorithm::ed25519 ? "ED25519" : "X25519");
    }
    if (key == nullptr) {
        throw std::runtime_error(x509::openssl_error("EVP_PKEY_Q_keygen").detail);
    }
    return x509::KeyPointer(key);
}

// The public key of the other side, on this key's curve.
x509::KeyPointer peer_key(KeyAlgorithm algorithm, ByteView peer) {
    if (algorithm == KeyAlgorithm::x25519) {
        return x509::KeyPointer(
            EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, peer.data(), peer.size()));
    }
    const bool uncompressed = peer.size() == 1 + 2 * size_of(algorithm) && peer[0] == 0x04;
    return uncompressed ? public_key_from_point(algorithm, peer) : nullptr;
}

using SizedOperation = int (*)(EVP_PKEY_CTX*, unsigned char*, std::size_t*, const unsigned char*,
                               std::size_t);

std::optional<Bytes> perform(SizedOperation operation, EVP_PKEY_CTX* context, ByteView input) {
    std::size_t size = 0;
    if (operation(context, nullptr, &size, input.data(), input.size()) <= 0) {
        return std::nullopt;
    }
    Bytes output(size);
    if (operation(context, output.data(), &size, input.data(), input.size()) <= 0) {
        return std::nullopt;
    }
    output.resize(size);
    return output;
}

std::optional<Bytes> sign_message(EVP_PKEY* key, ByteView message) {
    const x509::DigestContextPointer context(EVP_MD_CTX_new());
    Bytes signature(64);
    std::size_t size = signature.size();
    if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) <= 0 ||
        EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) <= 0) {
        return std::nullopt;
    }
    return signature;
}

}  // namespace

std::optional<KeyAlgorithm> key_algorithm(std::uint8_t identifier) {
    switch (const auto algorithm = static_cast<KeyAlgorithm>(identifier)) {
        case KeyAlgorithm::rsa_1024:
        case KeyAlgorithm::rsa_2048:
        case KeyAlgorithm::rsa_3072:
        case KeyAlgorithm::rsa_4096:
        case KeyAlgorithm::p256:
        case KeyAlgorithm::p384:
        case KeyAlgorithm::ed25519:
        case KeyAlgorithm::x25519:
            return algorithm;
    }
    return std::nullopt;
}

bool is_rsa(KeyAlgorithm algorithm) {
    return size_of(algorithm) >= 128;
}

bool is_nist_curve(KeyAlgorithm algorithm) {
    return algorithm == KeyAlgorithm::p256 || algorithm == KeyAlgorithm::p384;
}

std::size_t size_of(KeyAlgorithm algorithm) {
    switch (algorithm) {
        case KeyAlgorithm::rsa_1024:
            return 128;
        case KeyAlgorithm::rsa_2048:
            return 256;
        case KeyAlgorithm::rsa_3072:
            return 384;
        case KeyAlgorithm::rsa_4096:
            return 512;
        case KeyAlgorithm::p384:
            return 48;
        case KeyAlgorithm::p256:
        case KeyAlgorithm::ed25519:
        case KeyAlgorithm::x25519:
            return 32;
    }
    return 0;
}

PrivateKey PrivateKey::generate(KeyAlgorithm algorithm) {
    return {algorithm, generate_key(algorithm)};
}

PrivateKey PrivateKey::given(KeyAlgorithm algorithm) {
    return is_rsa(algorithm) ? PrivateKey(algorithm, new_rsa_key(size_of(algorithm) * 8))
                             : generate(algorithm);
}

std::optional<PrivateKey> PrivateKey::import(KeyAlgorithm algorithm, std::span<const Element> parts) {
    std::shared_ptr<EVP_PKEY> key = key_from_parts(algorithm, parts);
    return key ? std::optional(PrivateKey(algorithm, std::move(key))) : std::nullopt;
}

std::optional<PrivateKey> PrivateKey::from_der(KeyAlgorithm algorithm, ByteView der) {
    const unsigned char* position = der.data();
    std::shared_ptr<EVP_PKEY> key(d2i_AutoPrivateKey(nullptr, &position, static_cast<long>(der.size())),
                                  EVP_PKEY_free);
    return key ? std::optional(PrivateKey(algorithm, std::move(key))) : std::nullopt;
}

Bytes PrivateKey::to_der() const {
    unsigned char* encoded = nullptr;
    const int size = i2d_PrivateKey(m_key.get(), &encoded);
    const x509::OpensslOctets owner(encoded);
    return {encoded, encoded + size};
}

Bytes PrivateKey::public_key() const {
    Bytes out;
    if (is_rsa(m_algorithm)) {
        append_element(out, 0x81, number_of(m_key.get(), OSSL_PKEY_PARAM_RSA_N));
        append_element(out, 0x82, number_of(m_key.get(), OSSL_PKEY_PARAM_RSA_E));
        return out;
    }
    append_element(out, 0x86, point_of(m_key.get()));
    return out;
}

std::optional<Bytes> PrivateKey::raw_rsa(ByteView block) const {
    const x509::KeyContextPointer context(EVP_PKEY_CTX_new(m_key.get(), nullptr));
    if (block.size() != size_of(m_algorithm) || EVP_PKEY_decrypt_init(context.get()) <= 0 ||
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) <= 0) {
        return std::nullopt;
    }
    return perform(EVP_PKEY_decrypt, context.get(), block);
}

std::optional<Bytes> PrivateKey::sign(ByteView input) const {
    if (m_algorithm == KeyAlgorithm::ed25519) {
        return sign_message(m_key.get(), input);
    }
    const x509::KeyContextPointer context(EVP_PKEY_CTX_new(m_key.get(), nullptr));
    if (!is_nist_curve(m_algorithm) || input.size() != size_of(m_algorithm) ||
        EVP_PKEY_sign_init(context.get()) <= 0) {
        return std::nullopt;
    }
    return perform(EVP_PKEY_sign, context.get(), input);
}

std::optional<Bytes> PrivateKey::agree(ByteView peer) const {
    if (is_rsa(m_algorithm) || m_algorithm == KeyAlgorithm::ed25519) {
        return std::nullopt;
    }
    const auto other = peer_key(m_algorithm, peer);
    const x509::KeyContextPointer context(EVP_PKEY_CTX_new(m_key.get(), nullptr));
    std::size_t size = size_of(m_algorithm);
    Bytes secret(size);
    if (!other || EVP_PKEY_derive_init(context.get()) <= 0 ||
        EVP_PKEY_derive_set_peer(context.get(), other.get()) <= 0 ||
        EVP_PKEY_derive(context.get(), secret.data(), &size) <= 0) {
        return std::nullopt;
    }
    return secret;
}

}  // namespace signet::test::piv_card
