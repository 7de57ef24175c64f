#pragma once

#include "tests/support/piv_card/tlv.h"
#include "x509/openssl.h"

#include <memory>
#include <optional>

namespace signet::test::piv_card {

// Algorithm identifiers of SP 800-78-5 table 6-2 and of Yubico.
enum class KeyAlgorithm : std::uint8_t {
    rsa_3072 = 0x05,
    rsa_1024 = 0x06,
    rsa_2048 = 0x07,
    p256 = 0x11,
    p384 = 0x14,
    rsa_4096 = 0x16,
    ed25519 = 0xE0,
    x25519 = 0xE1,
};

std::optional<KeyAlgorithm> key_algorithm(std::uint8_t identifier);
bool is_rsa(KeyAlgorithm algorithm);
bool is_nist_curve(KeyAlgorithm algorithm);
// Modulus, field element or raw key, in octets.
std::size_t size_of(KeyAlgorithm algorithm);

// A private key in memory. Copies share it.
class PrivateKey {
  public:
    static PrivateKey generate(KeyAlgorithm algorithm);
    // One for a card that is made, which no program has asked to make a key.
    static PrivateKey given(KeyAlgorithm algorithm);
    // From the elements of an IMPORT: 01..05 are p, q, dp, dq, qinv, of which dp, dq and qinv are computed
    // anew; 06, 07, 08 an EC scalar and raw Ed25519 and X25519 keys.
    static std::optional<PrivateKey> import(KeyAlgorithm algorithm, std::span<const Element> parts);
    static std::optional<PrivateKey> from_der(KeyAlgorithm algorithm, ByteView der);

    [[nodiscard]] Bytes to_der() const;
    [[nodiscard]] EVP_PKEY* get() const { return m_key.get(); }
    [[nodiscard]] KeyAlgorithm algorithm() const { return m_algorithm; }
    // What stands in 7F49: 81 modulus and 82 exponent, or 86 point.
    [[nodiscard]] Bytes public_key() const;

    // Nothing where the input does not fit the key.
    [[nodiscard]] std::optional<Bytes> raw_rsa(ByteView block) const;
    // ECDSA over a digest of exactly the field's size, DER; Ed25519 over a message.
    [[nodiscard]] std::optional<Bytes> sign(ByteView input) const;
    // The shared X coordinate, or X25519's shared secret.
    [[nodiscard]] std::optional<Bytes> agree(ByteView peer) const;

  private:
    PrivateKey(KeyAlgorithm algorithm, std::shared_ptr<EVP_PKEY> key)
        : m_algorithm(algorithm), m_key(std::move(key)) {}

    KeyAlgorithm m_algorithm;
    std::shared_ptr<EVP_PKEY> m_key;
};

}  // namespace signet::test::piv_card
