#include "tests/support/piv_card/card_state.h"

#include "tests/support/piv_card/attestation.h"

namespace signet::test::piv_card {
namespace {

constexpr std::size_t padded_size = 8;
constexpr Version first_with_aes_default{5, 7, 0};

ManagementKey default_management_key(Version version) {
    ManagementKey key;
    for (int repetition = 0; repetition < 3; ++repetition) {
        for (std::uint8_t octet = 1; octet <= 8; ++octet) {
            key.value.push_back(octet);
        }
    }
    if (version >= first_with_aes_default) {
        key.algorithm = CipherAlgorithm::aes_192;
    }
    return key;
}

void set_factory_secrets(CardState& state) {
    state.pin = reference_data("123456");
    state.puk = reference_data("12345678");
    state.global_pin = reference_data("87654321");
    state.management_key = default_management_key(state.version);
}

}  // namespace

ReferenceData reference_data(std::string_view text, int tries) {
    ReferenceData data{.value = Bytes(text.begin(), text.end()), .tries_left = tries, .tries = tries};
    data.value.resize(padded_size, 0xFF);
    return data;
}

CardState new_card(std::uint32_t serial, Version version) {
    CardState state{.serial = serial, .version = version};
    set_factory_secrets(state);
    install_attestation(state);
    return state;
}

void reset_to_factory(CardState& state) {
    std::erase_if(state.keys, [](const auto& entry) { return entry.first != attestation_slot; });
    std::erase_if(state.objects, [](const auto& entry) { return entry.first != attestation_object; });
    set_factory_secrets(state);
}

}  // namespace signet::test::piv_card
