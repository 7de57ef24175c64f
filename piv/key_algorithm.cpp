#include "piv/key_algorithm.h"

#include "piv/tlv.h"

#include <algorithm>
#include <array>

namespace signet::piv {
namespace {

struct Name {
    Algorithm algorithm;
    KeyAlgorithm term;
    KeyType type;
    std::uint32_t bits;
    // DER of the object identifier; empty: RSA.
    std::string_view curve;
};

constexpr std::array names{
    Name{Algorithm::rsa2048, KeyAlgorithm::rsa2048, KeyType::rsa, 2048, ""},
    Name{Algorithm::rsa3072, KeyAlgorithm::rsa3072, KeyType::rsa, 3072, ""},
    Name{Algorithm::rsa4096, KeyAlgorithm::rsa4096, KeyType::rsa, 4096, ""},
    Name{Algorithm::p256, KeyAlgorithm::p256, KeyType::ec, 256, "06082a8648ce3d030107"},
    Name{Algorithm::p384, KeyAlgorithm::p384, KeyType::ec, 384, "06052b81040022"},
    Name{Algorithm::ed25519, KeyAlgorithm::ed25519, KeyType::ed25519, 0, "06032b6570"},
    Name{Algorithm::x25519, KeyAlgorithm::x25519, KeyType::x25519, 0, "06032b656e"},
};

template <class Predicate>
const Name* find_name(Predicate predicate) {
    const auto* const found = std::find_if(names.begin(), names.end(), predicate);
    return found == names.end() ? nullptr : found;
}

}  // namespace

std::optional<Algorithm> algorithm_of(const token::PublicKey& key) {
    if (key.type == KeyType::rsa && key.bits == 1024) {
        return Algorithm::rsa1024;
    }
    const bool sized = key.type == KeyType::rsa || key.type == KeyType::ec;
    const Name* name = find_name(
        [&](const Name& entry) { return entry.type == key.type && (!sized || entry.bits == key.bits); });
    return name != nullptr ? std::optional(name->algorithm) : std::nullopt;
}

std::optional<Algorithm> algorithm_of(KeyAlgorithm algorithm) {
    const Name* name = find_name([algorithm](const Name& entry) { return entry.term == algorithm; });
    return name != nullptr ? std::optional(name->algorithm) : std::nullopt;
}

std::optional<KeyAlgorithm> key_algorithm_of(Algorithm algorithm) {
    const Name* name = find_name([algorithm](const Name& entry) { return entry.algorithm == algorithm; });
    return name != nullptr ? std::optional(name->term) : std::nullopt;
}

Result<token::PublicKey> public_key_of(Algorithm algorithm, ByteView octets) {
    SIGNET_TRY(const auto elements, parse_tlvs(octets));
    const Name* name = find_name([algorithm](const Name& entry) { return entry.algorithm == algorithm; });
    if (name != nullptr && name->type != KeyType::rsa) {
        const Tlv* point = find_tlv(elements, 0x86);
        if (point == nullptr) {
            return failure(ErrorCode::malformed, "read public key", "no point");
        }
        SIGNET_TRY(const Bytes curve, from_hex(name->curve));
        return token::ec_public_key(curve, point->value);
    }
    const Tlv* modulus = find_tlv(elements, 0x81);
    const Tlv* exponent = find_tlv(elements, 0x82);
    if (modulus == nullptr || exponent == nullptr) {
        return failure(ErrorCode::malformed, "read public key", "no modulus or exponent");
    }
    return token::rsa_public_key(modulus->value, exponent->value);
}

}  // namespace signet::piv
