#include "piv/identifiers.h"

#include "piv/tlv.h"
#include "token/private_key.h"

#include <algorithm>
#include <array>

namespace signet::piv {
namespace {

struct KeyIdentifier {
    KeyAlgorithm algorithm;
    Algorithm identifier;
    std::string_view parameters = {};  // with curves: the object identifier in DER
};

using namespace std::string_view_literals;

constexpr std::array key_identifiers{
    KeyIdentifier{KeyAlgorithm::rsa2048, Algorithm::rsa2048},
    KeyIdentifier{KeyAlgorithm::rsa3072, Algorithm::rsa3072},
    KeyIdentifier{KeyAlgorithm::rsa4096, Algorithm::rsa4096},
    KeyIdentifier{KeyAlgorithm::p256, Algorithm::p256, "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"sv},
    KeyIdentifier{KeyAlgorithm::p384, Algorithm::p384, "\x06\x05\x2b\x81\x04\x00\x22"sv},
    KeyIdentifier{KeyAlgorithm::ed25519, Algorithm::ed25519, "\x06\x03\x2b\x65\x70"sv},
    KeyIdentifier{KeyAlgorithm::x25519, Algorithm::x25519, "\x06\x03\x2b\x65\x6e"sv},
};

const KeyIdentifier* find(KeyAlgorithm algorithm) {
    const auto* found =
        std::find_if(key_identifiers.begin(), key_identifiers.end(),
                     [algorithm](const KeyIdentifier& entry) { return entry.algorithm == algorithm; });
    return found == key_identifiers.end() ? nullptr : found;
}

Result<token::PublicKey> parsed(const KeyIdentifier& known, ByteView content) {
    SIGNET_TRY(const auto elements, parse_tlvs(content));
    if (!known.parameters.empty()) {
        const Tlv* point = find_tlv(elements, 0x86);
        return token::ec_public_key(as_bytes(known.parameters), point != nullptr ? point->value : ByteView());
    }
    const Tlv* modulus = find_tlv(elements, 0x81);
    const Tlv* exponent = find_tlv(elements, 0x82);
    if (modulus == nullptr || exponent == nullptr) {
        return failure(ErrorCode::malformed, "public key", "no modulus or no exponent");
    }
    return token::rsa_public_key(modulus->value, exponent->value);
}

}  // namespace

std::optional<Algorithm> identifier_of(KeyAlgorithm algorithm) {
    const KeyIdentifier* known = find(algorithm);
    return known != nullptr ? std::optional(known->identifier) : std::nullopt;
}

std::optional<KeyAlgorithm> key_algorithm(std::uint8_t identifier) {
    const auto* found = std::find_if(key_identifiers.begin(), key_identifiers.end(),
                                     [identifier](const KeyIdentifier& entry) {
                                         return static_cast<std::uint8_t>(entry.identifier) == identifier;
                                     });
    return found != key_identifiers.end() ? std::optional(found->algorithm) : std::nullopt;
}

Algorithm identifier_of(ManagementAlgorithm algorithm) {
    switch (algorithm) {
        case ManagementAlgorithm::tdes:
            return Algorithm::tdes;
        case ManagementAlgorithm::aes128:
            return Algorithm::aes128;
        case ManagementAlgorithm::aes192:
            return Algorithm::aes192;
        case ManagementAlgorithm::aes256:
            break;
    }
    return Algorithm::aes256;
}

std::optional<ManagementAlgorithm> management_algorithm(std::uint8_t identifier) {
    switch (identifier) {
        case 0x00:
        case static_cast<std::uint8_t>(Algorithm::tdes):
            return ManagementAlgorithm::tdes;
        case static_cast<std::uint8_t>(Algorithm::aes128):
            return ManagementAlgorithm::aes128;
        case static_cast<std::uint8_t>(Algorithm::aes192):
            return ManagementAlgorithm::aes192;
        case static_cast<std::uint8_t>(Algorithm::aes256):
            return ManagementAlgorithm::aes256;
        default:
            return std::nullopt;
    }
}

Result<token::PublicKey> public_key_of(KeyAlgorithm algorithm, ByteView content) {
    const KeyIdentifier* known = find(algorithm);
    if (known == nullptr) {
        return failure(ErrorCode::unsupported, "public key", "an algorithm that PIV does not have");
    }
    auto key = parsed(*known, content);
    if (!key) {
        return failure(ErrorCode::malformed, "public key", key.error().detail);
    }
    const auto actual = token::algorithm_of(*key);
    if (!actual || *actual != algorithm) {
        return failure(ErrorCode::malformed, "public key", "of another algorithm than the card says");
    }
    return key;
}

}  // namespace signet::piv
