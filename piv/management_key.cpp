#include "piv/management_key.h"

#include "piv/answer.h"
#include "piv/tlv.h"
#include "piv/vendor.h"
#include "token/block_cipher.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace signet::piv {
namespace {

constexpr std::uint8_t general_authenticate = 0x87;
constexpr std::uint8_t set_key = 0xff;
constexpr std::uint8_t without_touch = 0xff;  // P2 of set_key
constexpr std::uint8_t with_touch = 0xfe;

constexpr std::uint32_t authentication_template = 0x7c;
constexpr std::uint32_t witness_tag = 0x80;
constexpr std::uint32_t challenge_tag = 0x81;
constexpr std::uint32_t response_tag = 0x82;

constexpr std::array all_algorithms{ManagementAlgorithm::tdes, ManagementAlgorithm::aes128,
                                    ManagementAlgorithm::aes192, ManagementAlgorithm::aes256};

// One step, with the value of `expected` in the answer.
Result<Bytes> step(const Card& card, ManagementAlgorithm algorithm, ByteView content,
                   std::uint32_t expected) {
    Bytes data;
    append_tlv(data, authentication_template, content);
    SIGNET_TRY(
        const Bytes answer,
        succeeded("GENERAL AUTHENTICATE", exchange(card.transmitter,
                                                   {.instruction = general_authenticate,
                                                    .p1 = static_cast<std::uint8_t>(algorithm_of(algorithm)),
                                                    .p2 = static_cast<std::uint8_t>(management_key),
                                                    .data = data,
                                                    .expects_data = true},
                                                   card.form)));
    SIGNET_TRY(const ByteView inner, unwrap_tlv(answer, authentication_template));
    SIGNET_TRY(const ByteView value, unwrap_tlv(inner, expected));
    if (value.size() != token::block_size(algorithm)) {
        return failure(ErrorCode::malformed, "GENERAL AUTHENTICATE", "not one block of the cipher");
    }
    return Bytes(value.begin(), value.end());
}

Result<Bytes> witness(const Card& card, ManagementAlgorithm algorithm) {
    Bytes request;
    append_tlv(request, witness_tag, {});
    return step(card, algorithm, request, witness_tag);
}

bool announces(ByteView announced, ManagementAlgorithm algorithm) {
    return std::any_of(announced.begin(), announced.end(), [algorithm](std::uint8_t identifier) {
        return management_algorithm_of(identifier) == algorithm;
    });
}

// Those that the card announces first; not every card announces all that it has.
std::vector<ManagementAlgorithm> candidates(ByteView announced, const Secret& key) {
    std::vector<ManagementAlgorithm> fitting;
    std::copy_if(all_algorithms.begin(), all_algorithms.end(), std::back_inserter(fitting),
                 [&key](ManagementAlgorithm each) { return token::key_size(each) == key.size(); });
    std::stable_partition(fitting.begin(), fitting.end(),
                          [announced](ManagementAlgorithm each) { return announces(announced, each); });
    return fitting;
}

Result<ManagementAlgorithm> algorithm_in(ByteView metadata) {
    SIGNET_TRY(const Metadata parsed, metadata_of(metadata));
    const auto algorithm = management_algorithm_of(parsed.algorithm);
    if (!algorithm) {
        return failure(ErrorCode::malformed, "read metadata", "an unknown algorithm of the management key");
    }
    return *algorithm;
}

// Wrong key, wrong answer, refused touch: all of them are 6982 on some card.
Failure not_the_key(std::int64_t status) {
    return failure(ErrorCode::not_allowed, "GENERAL AUTHENTICATE",
                   "the management key is wrong, or the card waited for a touch in vain", status);
}

// The eighth bits are parity and do not count.
bool equal_keys(ByteView a, ByteView b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](std::uint8_t x, std::uint8_t y) { return ((x ^ y) & 0xfe) == 0; });
}

Result<void> check_new_key(ManagementAlgorithm algorithm, const Secret& key) {
    if (key.size() != token::key_size(algorithm)) {
        return failure(ErrorCode::invalid_parameter, "management key",
                       "a key of " + std::to_string(token::key_size(algorithm)) + " octets is needed");
    }
    const ByteView octets = key.expose();
    constexpr std::size_t part = 8;
    if (algorithm == ManagementAlgorithm::tdes &&
        (equal_keys(octets.first(part), octets.subspan(part, part)) ||
         equal_keys(octets.subspan(part, part), octets.last(part)))) {
        return failure(ErrorCode::invalid_parameter, "management key",
                       "two parts of the 3DES key are equal, which makes it a DES key");
    }
    return {};
}

}  // namespace

Algorithm algorithm_of(ManagementAlgorithm algorithm) {
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

std::optional<ManagementAlgorithm> management_algorithm_of(std::uint8_t identifier) {
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

Result<ManagementAlgorithm> find_management_algorithm(const Card& card, ByteView announced,
                                                      const Secret& key) {
    auto answer = get_metadata(card, static_cast<std::uint8_t>(management_key));
    if (answer) {
        return algorithm_in(*answer);
    }
    if (answer.error().code != ErrorCode::unsupported) {
        return Failure(std::move(answer).error());
    }
    auto version = firmware_version(card);
    if (version && *version < first_version_with_metadata) {
        return ManagementAlgorithm::tdes;
    }
    if (!version && version.error().code == ErrorCode::token_removed) {
        return Failure(std::move(version).error());
    }
    const auto fitting = candidates(announced, key);
    if (fitting.empty()) {
        return failure(ErrorCode::invalid_parameter, "management key",
                       "the card has no cipher for a key of this length");
    }
    for (const ManagementAlgorithm algorithm : fitting) {
        auto given = witness(card, algorithm);
        if (given) {
            return algorithm;
        }
        if (given.error().code == ErrorCode::token_removed) {
            return Failure(std::move(given).error());
        }
    }
    return failure(ErrorCode::unsupported, "management key", "the card has a key of another algorithm");
}

Result<void> authenticate_administrator(const Card& card, ManagementAlgorithm algorithm, const Secret& key) {
    if (key.size() != token::key_size(algorithm)) {
        return failure(ErrorCode::invalid_parameter, "management key",
                       "the card's key has " + std::to_string(token::key_size(algorithm)) + " octets");
    }
    auto encrypted = witness(card, algorithm);
    if (!encrypted) {
        return encrypted.error().code == ErrorCode::pin_required ? not_the_key(encrypted.error().native_code)
                                                                 : Failure(std::move(encrypted).error());
    }
    SIGNET_TRY(const Bytes proof, token::decrypt_block(algorithm, key, *encrypted));
    SIGNET_TRY(const Bytes challenge, token::random_octets(token::block_size(algorithm)));
    SIGNET_TRY(const Bytes expected, token::encrypt_block(algorithm, key, challenge));
    Bytes request;
    append_tlv(request, witness_tag, proof);
    append_tlv(request, challenge_tag, challenge);
    auto answer = step(card, algorithm, request, response_tag);
    if (!answer) {
        const auto status = answer.error().native_code;
        const bool wrong = status == status::not_authorised.value || status == status::bad_data.value ||
                           status == 0x6300 || (status & 0xfff0) == 0x63c0;
        return wrong ? not_the_key(status) : Failure(std::move(answer).error());
    }
    if (!equal_constant_time(*answer, expected)) {
        return failure(ErrorCode::not_allowed, "GENERAL AUTHENTICATE",
                       "the card does not prove that it knows the management key");
    }
    return {};
}

Result<void> set_management_key(const Card& card, ManagementAlgorithm algorithm, const Secret& key,
                                bool touch) {
    SIGNET_CHECK(check_new_key(algorithm, key));
    Secret data(3 + key.size());
    SIGNET_CHECK(data.append(std::array{static_cast<std::uint8_t>(algorithm_of(algorithm)),
                                        static_cast<std::uint8_t>(management_key),
                                        static_cast<std::uint8_t>(key.size())}));
    SIGNET_CHECK(data.append(key.expose()));
    SIGNET_TRY(const Response response, exchange(card.transmitter,
                                                 {.instruction = set_key,
                                                  .p1 = 0xff,
                                                  .p2 = touch ? with_touch : without_touch,
                                                  .data = data.expose()},
                                                 card.form));
    if (response.status == status::bad_data) {
        return failure(ErrorCode::unsupported, "SET MANAGEMENT KEY", "the card takes no key of this kind",
                       response.status.value);
    }
    return response.status.success() ? Result<void>() : refused("SET MANAGEMENT KEY", response.status);
}

}  // namespace signet::piv
