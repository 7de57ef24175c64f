#pragma once

#include "base/secret.h"
#include "x509/certificate.h"

#include <vector>

namespace signet::x509 {

// Bounds on what a stranger's file may ask for.
inline constexpr std::size_t max_pkcs12_size = std::size_t{1} << 20;
inline constexpr std::int64_t max_pkcs12_iterations = 5'000'000;
inline constexpr std::size_t max_pkcs12_certificates = 64;

struct Pkcs12Content {
    Secret private_key;                     // PKCS#8 PrivateKeyInfo, DER
    std::vector<Certificate> certificates;  // that of the key first
};

// Unpacks a PFX (RFC 7292) with one private key. `password` is UTF-8. not_allowed: the password is wrong, or
// the file was changed. malformed, too_large, unsupported: an algorithm, or no integrity by password.
// ambiguous: several keys. not_found: none.
Result<Pkcs12Content> unpack_pkcs12(ByteView der, const Secret& password);

}  // namespace signet::x509
