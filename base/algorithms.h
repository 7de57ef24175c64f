#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace signet {

// The terms in which tokens, wire and programs speak of keys. The names are those on the wire.

enum class HashAlgorithm : std::uint8_t { sha1, sha224, sha256, sha384, sha512 };

// Digest length in octets (FIPS 180-4).
constexpr std::size_t digest_size(HashAlgorithm hash) {
    switch (hash) {
        case HashAlgorithm::sha1:
            return 20;
        case HashAlgorithm::sha224:
            return 28;
        case HashAlgorithm::sha256:
            return 32;
        case HashAlgorithm::sha384:
            return 48;
        case HashAlgorithm::sha512:
            return 64;
    }
    return 0;
}

enum class KeyType : std::uint8_t { rsa, ec, ed25519, ed448, x25519, x448 };

enum class SignatureScheme : std::uint8_t {
    rsa_pkcs1,  // RSASSA-PKCS1-v1_5, RFC 8017 section 8.2
    rsa_pss,    // RSASSA-PSS, RFC 8017 section 8.1
    ecdsa,      // FIPS 186-5; the signature is r and s, each of the field's length
    eddsa,      // RFC 8032, pure
};

enum class DecryptionScheme : std::uint8_t {
    rsa_pkcs1,  // RSAES-PKCS1-v1_5 with implicit rejection, RFC 8017 section 7.2
    rsa_oaep,   // RSAES-OAEP, RFC 8017 section 7.1
};

// Largest modulus in bits that any part of signet accepts.
inline constexpr std::size_t max_rsa_bits = 8192;

constexpr std::string_view name_of(HashAlgorithm hash) {
    constexpr std::string_view names[] = {"sha1", "sha224", "sha256", "sha384", "sha512"};
    return names[static_cast<std::size_t>(hash)];
}
constexpr std::string_view name_of(KeyType type) {
    constexpr std::string_view names[] = {"rsa", "ec", "ed25519", "ed448", "x25519", "x448"};
    return names[static_cast<std::size_t>(type)];
}
constexpr std::string_view name_of(SignatureScheme scheme) {
    constexpr std::string_view names[] = {"rsa_pkcs1", "rsa_pss", "ecdsa", "eddsa"};
    return names[static_cast<std::size_t>(scheme)];
}
constexpr std::string_view name_of(DecryptionScheme scheme) {
    constexpr std::string_view names[] = {"rsa_pkcs1", "rsa_oaep"};
    return names[static_cast<std::size_t>(scheme)];
}

namespace detail {
template <class Enum>
constexpr std::optional<Enum> enum_from_name(std::string_view name, Enum last) {
    for (std::size_t i = 0; i <= static_cast<std::size_t>(last); ++i) {
        if (name_of(static_cast<Enum>(i)) == name) {
            return static_cast<Enum>(i);
        }
    }
    return std::nullopt;
}
}  // namespace detail

// The reverse of name_of(); nothing for an unknown name.
template <class Enum>
std::optional<Enum> from_name(std::string_view name);
template <>
inline std::optional<HashAlgorithm> from_name(std::string_view name) {
    return detail::enum_from_name(name, HashAlgorithm::sha512);
}
template <>
inline std::optional<KeyType> from_name(std::string_view name) {
    return detail::enum_from_name(name, KeyType::x448);
}
template <>
inline std::optional<SignatureScheme> from_name(std::string_view name) {
    return detail::enum_from_name(name, SignatureScheme::eddsa);
}
template <>
inline std::optional<DecryptionScheme> from_name(std::string_view name) {
    return detail::enum_from_name(name, DecryptionScheme::rsa_oaep);
}

}  // namespace signet
