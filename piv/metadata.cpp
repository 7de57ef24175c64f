#include "piv/metadata.h"

#include "piv/answer.h"
#include "piv/identifiers.h"
#include "piv/tlv.h"

namespace signet::piv {
namespace {

namespace instruction {
constexpr std::uint8_t get_metadata = 0xf7;
constexpr std::uint8_t get_serial = 0xf8;
constexpr std::uint8_t get_version = 0xfd;
}  // namespace instruction

constexpr std::uint32_t algorithm_tag = 0x01;
constexpr std::uint32_t policy_tag = 0x02;
constexpr std::uint32_t origin_tag = 0x03;
constexpr std::uint32_t public_key_tag = 0x04;
constexpr std::uint32_t default_tag = 0x05;
constexpr std::uint32_t tries_tag = 0x06;

Result<Bytes> ask(const Card& card, std::string_view name, std::uint8_t instruction, std::uint8_t p2) {
    auto answer = succeeded(
        name, exchange(card.transmitter,
                       {.instruction = instruction, .p2 = p2, .data = {}, .expects_data = true}, card.form));
    // Other makers' cards know neither these instructions nor, some of them, their class.
    if (!answer && (answer.error().native_code == 0x6e00 || answer.error().native_code == 0x6d00)) {
        return failure(ErrorCode::unsupported, std::string(name), "the card has no such command",
                       answer.error().native_code);
    }
    return answer;
}

Result<Bytes> metadata(const Card& card, std::uint8_t reference) {
    auto answer = ask(card, "GET METADATA", instruction::get_metadata, reference);
    if (!answer && answer.error().native_code == status::not_found.value) {
        return failure(ErrorCode::key_not_found, "GET METADATA", "no key is there",
                       answer.error().native_code);
    }
    return answer;
}

ByteView value_of(const std::vector<Tlv>& elements, std::uint32_t tag) {
    const Tlv* element = find_tlv(elements, tag);
    return element != nullptr ? element->value : ByteView();
}

std::optional<std::uint8_t> octet_of(const std::vector<Tlv>& elements, std::uint32_t tag,
                                     std::size_t index = 0) {
    const ByteView value = value_of(elements, tag);
    return value.size() > index ? std::optional(value[index]) : std::nullopt;
}

// Policies and origins are numbered from 1; 0 and what is beyond the last says nothing here.
template <class Enum>
std::optional<Enum> numbered(std::optional<std::uint8_t> octet, Enum last) {
    if (!octet || *octet == 0 || *octet > static_cast<std::uint8_t>(last) + 1) {
        return std::nullopt;
    }
    return static_cast<Enum>(*octet - 1);
}

}  // namespace

std::string Firmware::text() const {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

Result<Firmware> read_firmware(const Card& card) {
    SIGNET_TRY(const Bytes answer, ask(card, "GET VERSION", instruction::get_version, 0));
    if (answer.size() != 3) {
        return failure(ErrorCode::malformed, "GET VERSION", "not three octets");
    }
    return Firmware{.major = answer[0], .minor = answer[1], .patch = answer[2]};
}

Result<std::uint32_t> read_serial(const Card& card) {
    SIGNET_TRY(const Bytes answer, ask(card, "GET SERIAL", instruction::get_serial, 0));
    if (answer.size() != 4) {
        return failure(ErrorCode::malformed, "GET SERIAL", "not four octets");
    }
    std::uint32_t serial = 0;
    for (const std::uint8_t octet : answer) {
        serial = serial << 8 | octet;
    }
    return serial;
}

Result<KeyMetadata> key_metadata_of(ByteView answer) {
    SIGNET_TRY(const auto elements, parse_tlvs(answer));
    const auto identifier = octet_of(elements, algorithm_tag);
    if (!identifier) {
        return failure(ErrorCode::malformed, "GET METADATA", "no algorithm");
    }
    KeyMetadata metadata{
        .algorithm = key_algorithm(*identifier),
        .public_key = std::nullopt,
        .pin_policy = numbered(octet_of(elements, policy_tag), KeyPinPolicy::always),
        .touch_policy = numbered(octet_of(elements, policy_tag, 1), KeyTouchPolicy::cached),
        .origin = numbered(octet_of(elements, origin_tag), KeyOrigin::imported),
    };
    const ByteView key = value_of(elements, public_key_tag);
    if (metadata.algorithm && !key.empty()) {
        SIGNET_TRY(metadata.public_key, public_key_of(*metadata.algorithm, key));
    }
    return metadata;
}

Result<ManagementMetadata> management_metadata_of(ByteView answer) {
    SIGNET_TRY(const auto elements, parse_tlvs(answer));
    const auto identifier = octet_of(elements, algorithm_tag);
    const auto algorithm = identifier ? management_algorithm(*identifier) : std::nullopt;
    if (!algorithm) {
        return failure(ErrorCode::malformed, "GET METADATA", "an unknown algorithm of the management key");
    }
    const auto is_default = octet_of(elements, default_tag);
    return ManagementMetadata{
        .algorithm = *algorithm,
        .touch_policy = numbered(octet_of(elements, policy_tag, 1), KeyTouchPolicy::cached),
        .is_default = is_default ? std::optional(*is_default != 0) : std::nullopt};
}

Result<PinMetadata> pin_metadata_of(ByteView answer) {
    SIGNET_TRY(const auto elements, parse_tlvs(answer));
    const auto is_default = octet_of(elements, default_tag);
    const auto total = octet_of(elements, tries_tag);
    const auto left = octet_of(elements, tries_tag, 1);
    return PinMetadata{.is_default = is_default ? std::optional(*is_default != 0) : std::nullopt,
                       .tries_total = total ? std::optional<int>(*total) : std::nullopt,
                       .tries_left = left ? std::optional<int>(*left) : std::nullopt};
}

Result<KeyMetadata> read_key_metadata(const Card& card, KeyReference key) {
    SIGNET_TRY(const Bytes answer, metadata(card, static_cast<std::uint8_t>(key)));
    return key_metadata_of(answer);
}

Result<ManagementMetadata> read_management_metadata(const Card& card) {
    SIGNET_TRY(const Bytes answer, metadata(card, static_cast<std::uint8_t>(management_key)));
    return management_metadata_of(answer);
}

Result<PinMetadata> read_pin_metadata(const Card& card, PinReference reference) {
    SIGNET_TRY(const Bytes answer, metadata(card, static_cast<std::uint8_t>(reference)));
    return pin_metadata_of(answer);
}

}  // namespace signet::piv
