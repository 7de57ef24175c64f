#pragma once

#include "base/algorithms.h"

namespace signet {

// The terms in which administrators, wire and drivers speak of tokens. The names are those on the wire.

enum class KeyAlgorithm : std::uint8_t { rsa2048, rsa3072, rsa4096, p256, p384, p521, ed25519, x25519 };
enum class KeyPinPolicy : std::uint8_t { never, once, always };
enum class KeyTouchPolicy : std::uint8_t { never, always, cached };
enum class KeyOrigin : std::uint8_t { generated, imported };

// The secrets by which a token knows people. unblocking: PUK of a PIV card, SO PIN of a PKCS#11 token.
enum class PinKind : std::uint8_t { user, unblocking };

enum class ManagementAlgorithm : std::uint8_t { tdes, aes128, aes192, aes256 };

// What a token wants to see before it is changed.
enum class Authorization : std::uint8_t { management_key, pin };

constexpr std::string_view name_of(KeyAlgorithm algorithm) {
    constexpr std::string_view names[] = {"rsa2048", "rsa3072", "rsa4096", "p256",
                                          "p384",    "p521",    "ed25519", "x25519"};
    return names[static_cast<std::size_t>(algorithm)];
}
constexpr std::string_view name_of(KeyPinPolicy policy) {
    constexpr std::string_view names[] = {"never", "once", "always"};
    return names[static_cast<std::size_t>(policy)];
}
constexpr std::string_view name_of(KeyTouchPolicy policy) {
    constexpr std::string_view names[] = {"never", "always", "cached"};
    return names[static_cast<std::size_t>(policy)];
}
constexpr std::string_view name_of(KeyOrigin origin) {
    constexpr std::string_view names[] = {"generated", "imported"};
    return names[static_cast<std::size_t>(origin)];
}
constexpr std::string_view name_of(PinKind kind) {
    constexpr std::string_view names[] = {"user", "unblocking"};
    return names[static_cast<std::size_t>(kind)];
}
constexpr std::string_view name_of(ManagementAlgorithm algorithm) {
    constexpr std::string_view names[] = {"tdes", "aes128", "aes192", "aes256"};
    return names[static_cast<std::size_t>(algorithm)];
}
constexpr std::string_view name_of(Authorization authorization) {
    constexpr std::string_view names[] = {"management_key", "pin"};
    return names[static_cast<std::size_t>(authorization)];
}

// The reverse of name_of(); nothing for an unknown name.
template <>
inline std::optional<KeyAlgorithm> from_name(std::string_view name) {
    return detail::enum_from_name(name, KeyAlgorithm::x25519);
}
template <>
inline std::optional<KeyPinPolicy> from_name(std::string_view name) {
    return detail::enum_from_name(name, KeyPinPolicy::always);
}
template <>
inline std::optional<KeyTouchPolicy> from_name(std::string_view name) {
    return detail::enum_from_name(name, KeyTouchPolicy::cached);
}
template <>
inline std::optional<KeyOrigin> from_name(std::string_view name) {
    return detail::enum_from_name(name, KeyOrigin::imported);
}
template <>
inline std::optional<PinKind> from_name(std::string_view name) {
    return detail::enum_from_name(name, PinKind::unblocking);
}
template <>
inline std::optional<ManagementAlgorithm> from_name(std::string_view name) {
    return detail::enum_from_name(name, ManagementAlgorithm::aes256);
}
template <>
inline std::optional<Authorization> from_name(std::string_view name) {
    return detail::enum_from_name(name, Authorization::pin);
}

}  // namespace signet
