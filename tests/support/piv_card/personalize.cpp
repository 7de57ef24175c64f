#include "tests/support/piv_card/personalize.h"

#include <stdexcept>

namespace signet::test::piv_card {
namespace {

constexpr std::uint32_t chuid_object = 0x5FC102;
constexpr std::uint32_t key_history_object = 0x5FC10C;
constexpr std::uint32_t first_retired_object = 0x5FC10D;
constexpr std::uint8_t first_retired_slot = 0x82;
constexpr std::uint8_t last_retired_slot = 0x95;
constexpr std::size_t identifier_number_size = 25;

// SP 800-73-4 part 1 table 9: PIN-always for 9C, no PIN for 9E.
PinPolicy standard_policy(std::uint8_t reference) {
    if (reference == 0x9C) {
        return PinPolicy::always;
    }
    return reference == 0x9E ? PinPolicy::never : PinPolicy::once;
}

}  // namespace

std::uint32_t certificate_object(std::uint8_t reference) {
    switch (reference) {
        case 0x9A:
            return 0x5FC105;
        case 0x9C:
            return 0x5FC10A;
        case 0x9D:
            return 0x5FC10B;
        case 0x9E:
            return 0x5FC101;
        default:
            break;
    }
    if (reference < first_retired_slot || reference > last_retired_slot) {
        throw std::logic_error("no certificate belongs to this reference");
    }
    return first_retired_object + reference - first_retired_slot;
}

const PrivateKey& put_key(CardState& state, std::uint8_t reference, KeyAlgorithm algorithm,
                          KeyOrigin origin) {
    const auto entry = state.keys.insert_or_assign(
        reference, KeySlot{PrivateKey::given(algorithm), origin, standard_policy(reference)});
    return entry.first->second.key;
}

void put_certificate(CardState& state, std::uint8_t reference, const x509::Certificate& certificate) {
    Bytes content = element(0x70, certificate.der());
    append_element(content, 0x71, Bytes{0x00});
    append_element(content, 0xFE, {});
    state.objects[certificate_object(reference)] = content;
}

void put_chuid(CardState& state, ByteView guid) {
    Bytes content = element(0x30, Bytes(identifier_number_size, 0x00));
    append_element(content, 0x34, guid);
    append_element(content, 0x35, as_bytes("20491231"));
    append_element(content, 0x3E, {});
    append_element(content, 0xFE, {});
    state.objects[chuid_object] = content;
}

void put_key_history(CardState& state, std::uint8_t on_card, std::uint8_t off_card, std::string_view url) {
    Bytes content = element(0xC1, Bytes{on_card});
    append_element(content, 0xC2, Bytes{off_card});
    if (!url.empty()) {
        append_element(content, 0xF3, as_bytes(url));
    }
    append_element(content, 0xFE, {});
    state.objects[key_history_object] = content;
}

}  // namespace signet::test::piv_card
