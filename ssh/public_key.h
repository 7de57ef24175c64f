#pragma once

#include "base/algorithms.h"
#include "base/result.h"
#include "ssh/wire.h"

#include <string>
#include <string_view>

// Public keys as SSH has them: RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709 section 4.
namespace signet::ssh {

// OpenSSH's PROTOCOL.certkeys: how the formats of certified keys end, and their algorithms.
inline constexpr std::string_view certificate_suffix = "-cert-v01@openssh.com";

enum class Curve : std::uint8_t { nistp256, nistp384, nistp521 };

std::string_view name_of(Curve curve);
// That ECDSA uses on it, RFC 5656 section 6.2.1.
HashAlgorithm hash_of(Curve curve);
// Octets of a coordinate.
std::size_t field_size(Curve curve);

// Views into the blob.
struct PublicKey {
    std::string_view format;  // "ssh-rsa", "ecdsa-sha2-nistp256", "ssh-ed25519"
    KeyType type{};           // rsa, ec or ed25519
    ByteView exponent{};      // rsa
    ByteView modulus{};       // rsa
    Curve curve{};            // ec
    ByteView point{};         // ec: uncompressed; ed25519: 32 octets
};

// A plain key, or the key that an OpenSSH certificate certifies. unsupported: of another type; malformed:
// else.
Result<PublicKey> parse_public_key(ByteView blob);
// The blob of a plain key.
Bytes encode(const PublicKey& key);
// The same key, whether certified or not.
bool same_key(const PublicKey& a, const PublicKey& b);

// The blob of a key that is given as SubjectPublicKeyInfo. unsupported: SSH has no such keys.
Result<Bytes> public_key_blob(ByteView public_key_info);

// "SHA256:" and base64 without padding, as ssh-keygen -l shows it.
std::string fingerprint(ByteView blob);

}  // namespace signet::ssh
