#include "piv/key_commands.h"

#include "piv/answer.h"
#include "piv/key_algorithm.h"
#include "piv/tlv.h"
#include "x509/certificate.h"

#include <algorithm>
#include <array>

namespace signet::piv {
namespace {

namespace instruction {
constexpr std::uint8_t generate = 0x47;
constexpr std::uint8_t move = 0xf6;
constexpr std::uint8_t attest = 0xf9;
constexpr std::uint8_t import = 0xfe;
}  // namespace instruction

constexpr std::uint8_t nowhere = 0xff;  // P1 of move: the key is deleted
constexpr std::uint8_t pin_policy_tag = 0xaa;
constexpr std::uint8_t touch_policy_tag = 0xab;
constexpr std::uint16_t conditions_not_satisfied = 0x6985;
constexpr std::array<std::uint8_t, 3> usual_exponent{0x01, 0x00, 0x01};

std::uint8_t octet(KeyReference key) {
    return static_cast<std::uint8_t>(key);
}

// Policies are numbered from 1 on the card.
template <class Enum>
void append_policy(Bytes& out, std::uint8_t tag, std::optional<Enum> policy) {
    if (policy) {
        append_tlv(out, tag, std::array{static_cast<std::uint8_t>(static_cast<std::uint8_t>(*policy) + 1)});
    }
}

Bytes encoded(const KeyPolicies& policies) {
    Bytes out;
    append_policy(out, pin_policy_tag, policies.pin);
    append_policy(out, touch_policy_tag, policies.touch);
    return out;
}

Result<Algorithm> known_identifier(KeyAlgorithm algorithm) {
    const auto identifier = algorithm_of(algorithm);
    if (!identifier) {
        return failure(ErrorCode::unsupported, "key", "PIV cards have no such keys");
    }
    return *identifier;
}

// 6A80 and 6A86 are the answers to an algorithm, a slot or a policy that the card does not have.
Failure refused_key(std::string_view command, StatusWord status) {
    if (status == status::bad_data) {
        return failure(ErrorCode::unsupported, std::string(command),
                       "the card does not do such keys in this slot", status.value);
    }
    if (status == status::not_authorised) {
        return failure(ErrorCode::not_allowed, std::string(command),
                       "the card wants the management key first", status.value);
    }
    return refused(command, status);
}

// An element of a private key. Lengths of 128 and more have one octet more.
Result<void> append_part(Secret& out, std::uint8_t tag, const Secret& part) {
    const std::size_t size = part.size();
    Bytes header{tag};
    if (size > 0xff) {
        header.insert(header.end(), {0x82, static_cast<std::uint8_t>(size >> 8)});
    } else if (size > 0x7f) {
        header.push_back(0x81);
    }
    header.push_back(static_cast<std::uint8_t>(size));
    SIGNET_CHECK(out.append(header));
    return out.append(part.expose());
}

std::uint8_t scalar_tag(KeyAlgorithm algorithm) {
    switch (algorithm) {
        case KeyAlgorithm::ed25519:
            return 0x07;
        case KeyAlgorithm::x25519:
            return 0x08;
        default:
            return 0x06;
    }
}

Result<Secret> encoded(const token::PrivateKey& key) {
    Secret out(Secret::max_size);
    if (key.public_key.type != KeyType::rsa) {
        SIGNET_CHECK(append_part(out, scalar_tag(key.algorithm), key.scalar));
        return out;
    }
    std::uint8_t tag = 0x01;
    for (const Secret* part : {&key.prime1, &key.prime2, &key.exponent1, &key.exponent2, &key.coefficient}) {
        SIGNET_CHECK(append_part(out, tag++, *part));
    }
    return out;
}

Result<void> move_to(const Card& card, std::uint8_t to, KeyReference from) {
    SIGNET_TRY(
        const Response response,
        exchange(card.transmitter,
                 {.instruction = instruction::move, .p1 = to, .p2 = octet(from), .data = {}}, card.form));
    if (response.status.value == conditions_not_satisfied) {
        return failure(ErrorCode::not_allowed, "MOVE KEY", "a key is there already", response.status.value);
    }
    if (response.status == status::not_found) {
        return failure(ErrorCode::key_not_found, "MOVE KEY", "no key is there", response.status.value);
    }
    return response.status.success() ? Result<void>() : refused_key("MOVE KEY", response.status);
}

}  // namespace

Result<token::PublicKey> generated_key_of(KeyAlgorithm algorithm, ByteView answer) {
    SIGNET_TRY(const Algorithm identifier, known_identifier(algorithm));
    SIGNET_TRY(const ByteView content, unwrap_tlv(answer, 0x7f49));
    auto key = public_key_of(identifier, content);
    if (!key || algorithm_of(*key) != identifier) {
        return failure(ErrorCode::malformed, "GENERATE ASYMMETRIC KEY PAIR", "no public key of this kind");
    }
    return key;
}

Result<token::PublicKey> generate_key(const Card& card, KeyReference key, KeyAlgorithm algorithm,
                                      const KeyPolicies& policies) {
    SIGNET_TRY(const Algorithm identifier, known_identifier(algorithm));
    Bytes content;
    append_tlv(content, 0x80, std::array{static_cast<std::uint8_t>(identifier)});
    const Bytes demanded = encoded(policies);
    content.insert(content.end(), demanded.begin(), demanded.end());
    Bytes data;
    append_tlv(data, 0xac, content);
    SIGNET_TRY(
        const Response response,
        exchange(card.transmitter,
                 {.instruction = instruction::generate, .p2 = octet(key), .data = data, .expects_data = true},
                 card.form));
    if (!response.status.success()) {
        return refused_key("GENERATE ASYMMETRIC KEY PAIR", response.status);
    }
    return generated_key_of(algorithm, response.data);
}

Result<void> import_key(const Card& card, KeyReference key, const token::PrivateKey& private_key,
                        const KeyPolicies& policies) {
    SIGNET_TRY(const Algorithm identifier, known_identifier(private_key.algorithm));
    if (private_key.public_key.type == KeyType::rsa &&
        !std::equal(private_key.public_exponent.begin(), private_key.public_exponent.end(),
                    usual_exponent.begin(), usual_exponent.end())) {
        return failure(ErrorCode::unsupported, "IMPORT ASYMMETRIC KEY",
                       "an RSA key whose public exponent is not 65537");
    }
    SIGNET_TRY(Secret data, encoded(private_key));
    SIGNET_CHECK(data.append(encoded(policies)));
    SIGNET_TRY(const Response response, exchange(card.transmitter,
                                                 {.instruction = instruction::import,
                                                  .p1 = static_cast<std::uint8_t>(identifier),
                                                  .p2 = octet(key),
                                                  .data = data.expose()},
                                                 card.form));
    return response.status.success() ? Result<void>() : refused_key("IMPORT ASYMMETRIC KEY", response.status);
}

Result<void> move_key(const Card& card, KeyReference from, KeyReference to) {
    return move_to(card, octet(to), from);
}

Result<void> delete_key(const Card& card, KeyReference key) {
    return move_to(card, nowhere, key);
}

Result<Bytes> attest(const Card& card, KeyReference key) {
    SIGNET_TRY(
        const Response response,
        exchange(card.transmitter,
                 {.instruction = instruction::attest, .p1 = octet(key), .data = {}, .expects_data = true},
                 card.form));
    if (response.status.value == conditions_not_satisfied || response.status == status::bad_data) {
        return failure(ErrorCode::unsupported, "ATTEST", "the key was not made in the card",
                       response.status.value);
    }
    if (response.status == status::not_found) {
        return failure(ErrorCode::key_not_found, "ATTEST", "no key is there", response.status.value);
    }
    SIGNET_TRY(Bytes der, succeeded("ATTEST", response));
    auto certificate = x509::Certificate::from_der(der);
    if (!certificate) {
        return failure(ErrorCode::malformed, "ATTEST", certificate.error().detail);
    }
    return der;
}

}  // namespace signet::piv
