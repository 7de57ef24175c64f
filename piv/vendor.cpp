#include "piv/vendor.h"

#include "piv/tlv.h"

#include <algorithm>

namespace signet::piv {
namespace {

constexpr std::uint8_t get_metadata_instruction = 0xf7;
constexpr std::uint8_t get_serial_instruction = 0xf8;
constexpr std::uint8_t get_version_instruction = 0xfd;

Result<Bytes> ask(const Card& card, std::string_view name, std::uint8_t instruction, std::uint8_t p2) {
    SIGNET_TRY(Response response,
               exchange(card.transmitter,
                        {.instruction = instruction, .p2 = p2, .data = {}, .expects_data = true}, card.form));
    if (response.status.success()) {
        return std::move(response.data);
    }
    const bool no_key = response.status == status::unknown_reference || response.status == status::not_found;
    return failure(no_key ? ErrorCode::key_not_found : ErrorCode::unsupported, std::string(name),
                   "the card answered " + response.status.text(), response.status.value);
}

// The octet at `index` of an element, as one of `first` to `last` of an enumeration that counts from zero.
template <class Enum>
std::optional<Enum> choice(const Tlv* element, std::size_t index, Enum last) {
    if (element == nullptr || element->value.size() <= index || element->value[index] == 0 ||
        element->value[index] > static_cast<std::uint8_t>(last) + 1) {
        return std::nullopt;
    }
    return static_cast<Enum>(element->value[index] - 1);
}

}  // namespace

std::string text_of(const Version& version) {
    return std::to_string(version[0]) + "." + std::to_string(version[1]) + "." + std::to_string(version[2]);
}

Result<Version> firmware_version(const Card& card) {
    SIGNET_TRY(const Bytes answer, ask(card, "GET VERSION", get_version_instruction, 0));
    Version version{};
    if (answer.size() != version.size()) {
        return failure(ErrorCode::unsupported, "GET VERSION", "an answer of another length");
    }
    std::copy(answer.begin(), answer.end(), version.begin());
    return version;
}

Result<std::uint32_t> serial_number(const Card& card) {
    SIGNET_TRY(const Bytes answer, ask(card, "GET SERIAL", get_serial_instruction, 0));
    if (answer.size() != 4) {
        return failure(ErrorCode::unsupported, "GET SERIAL", "an answer of another length");
    }
    std::uint32_t serial = 0;
    for (const std::uint8_t octet : answer) {
        serial = serial << 8 | octet;
    }
    return serial;
}

Result<Bytes> get_metadata(const Card& card, std::uint8_t reference) {
    return ask(card, "GET METADATA", get_metadata_instruction, reference);
}

Result<Metadata> metadata_of(ByteView answer) {
    SIGNET_TRY(const auto elements, parse_tlvs(answer));
    const Tlv* algorithm = find_tlv(elements, 0x01);
    if (algorithm == nullptr || algorithm->value.size() != 1) {
        return failure(ErrorCode::malformed, "read metadata", "no algorithm");
    }
    const Tlv* policy = find_tlv(elements, 0x02);
    const Tlv* key = find_tlv(elements, 0x04);
    const Tlv* is_default = find_tlv(elements, 0x05);
    const Tlv* tries = find_tlv(elements, 0x06);
    Metadata metadata{.algorithm = algorithm->value.front(),
                      .pin_policy = choice(policy, 0, KeyPinPolicy::always),
                      .touch_policy = choice(policy, 1, KeyTouchPolicy::cached),
                      .origin = choice(find_tlv(elements, 0x03), 0, KeyOrigin::imported),
                      .public_key = key != nullptr ? Bytes(key->value.begin(), key->value.end()) : Bytes(),
                      .is_default = std::nullopt,
                      .tries_total = std::nullopt,
                      .tries_left = std::nullopt};
    if (is_default != nullptr && is_default->value.size() == 1) {
        metadata.is_default = is_default->value.front() != 0;
    }
    if (tries != nullptr && tries->value.size() == 2) {
        metadata.tries_total = tries->value[0];
        metadata.tries_left = tries->value[1];
    }
    return metadata;
}

}  // namespace signet::piv
