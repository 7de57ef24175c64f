#include "tests/support/piv_card/attestation.h"
#include "tests/support/piv_card/commands.h"
#include "tests/support/piv_card/slots.h"

namespace signet::test::piv_card {
namespace {

constexpr std::uint8_t no_algorithm = 0xFF;
constexpr std::uint8_t delete_target = 0xFF;

constexpr Version first_with_attestation{4, 3, 0};
constexpr Version first_with_serial{5, 0, 0};
constexpr Version first_with_metadata{5, 3, 0};
constexpr Version first_with_aes{5, 4, 0};
constexpr Version first_with_move{5, 7, 0};

template <class T>
std::uint8_t octet(T value) {
    return static_cast<std::uint8_t>(value);
}

Response metadata_of(const ReferenceData& data) {
    Bytes out = element(0x01, Bytes{no_algorithm});
    append_element(out, 0x05, Bytes{octet(data.is_default)});
    append_element(out, 0x06, Bytes{octet(data.tries), octet(data.tries_left)});
    return Response(out);
}

Response metadata_of(const ManagementKey& key) {
    Bytes out = element(0x01, Bytes{octet(key.algorithm)});
    append_element(out, 0x02, Bytes{0x00, octet(key.touch_policy)});
    append_element(out, 0x05, Bytes{octet(key.is_default)});
    return Response(out);
}

Response metadata_of(const KeySlot& slot) {
    Bytes out = element(0x01, Bytes{octet(slot.key.algorithm())});
    append_element(out, 0x02, Bytes{octet(slot.pin_policy), octet(slot.touch_policy)});
    append_element(out, 0x03, Bytes{octet(slot.origin)});
    append_element(out, 0x04, slot.key.public_key());
    return Response(out);
}

bool no_parameters(const Command& command) {
    return command.p1 == 0x00 && command.p2 == 0x00;
}

}  // namespace

Response get_version(Applet& applet, const Command& command) {
    if (!no_parameters(command)) {
        return status::bad_parameters;
    }
    const auto& version = applet.state().version;
    return Response(Bytes(version.begin(), version.end()));
}

Response get_serial(Applet& applet, const Command& command) {
    if (!no_parameters(command)) {
        return status::bad_parameters;
    }
    if (!applet.has_version(first_with_serial)) {
        return status::unknown_instruction;
    }
    const auto serial = applet.state().serial;
    return Response(Bytes{octet(serial >> 24), octet(serial >> 16), octet(serial >> 8), octet(serial)});
}

Response get_metadata(Applet& applet, const Command& command) {
    if (!applet.has_version(first_with_metadata) || !applet.settings().metadata) {
        return status::unknown_instruction;
    }
    if (command.p1 != 0x00) {
        return status::bad_parameters;
    }
    switch (command.p2) {
        case pin_reference:
            return metadata_of(applet.state().pin);
        case puk_reference:
            return metadata_of(applet.state().puk);
        case management_reference:
            return metadata_of(applet.state().management_key);
        default:
            break;
    }
    const auto found = applet.state().keys.find(command.p2);
    return found == applet.state().keys.end() ? status::reference_not_found : metadata_of(found->second);
}

Response move_key(Applet& applet, const Command& command) {
    if (!applet.has_version(first_with_move)) {
        return status::unknown_instruction;
    }
    if (!applet.session().administrator) {
        return status::not_authorized;
    }
    auto& keys = applet.state().keys;
    const bool removal = command.p1 == delete_target;
    if ((!removal && !is_key_reference(command.p1)) || command.p1 == command.p2) {
        return status::bad_parameters;
    }
    if (!keys.contains(command.p2)) {
        return status::reference_not_found;
    }
    if (!removal && keys.contains(command.p1)) {
        return status::conditions_not_satisfied;
    }
    auto node = keys.extract(command.p2);
    if (!removal) {
        node.key() = command.p1;
        keys.insert(std::move(node));
    }
    return {};
}

Response import_key(Applet& applet, const Command& command) {
    if (!applet.session().administrator) {
        return status::not_authorized;
    }
    const auto algorithm = key_algorithm(command.p1);
    if (!algorithm || !supports(applet, *algorithm) ||
        (!is_key_reference(command.p2) && command.p2 != attestation_slot)) {
        return status::bad_parameters;
    }
    const auto elements = parse_elements(command.data);
    const auto policies = elements ? policies_for(command.p2, *elements) : std::nullopt;
    const auto key = policies ? PrivateKey::import(*algorithm, *elements) : std::nullopt;
    if (!key) {
        return status::bad_data;
    }
    applet.state().keys.insert_or_assign(command.p2,
                                         KeySlot{*key, KeyOrigin::imported, policies->pin, policies->touch});
    return {};
}

Response attest_key(Applet& applet, const Command& command) {
    if (!applet.has_version(first_with_attestation)) {
        return status::unknown_instruction;
    }
    if (command.p2 != 0x00 || !is_key_reference(command.p1)) {
        return status::bad_parameters;
    }
    const auto& state = applet.state();
    const auto found = state.keys.find(command.p1);
    if (found == state.keys.end() || !state.keys.contains(attestation_slot) ||
        !state.objects.contains(attestation_object)) {
        return status::reference_not_found;
    }
    if (found->second.origin != KeyOrigin::generated) {
        return status::conditions_not_satisfied;
    }
    return Response(attest(state, command.p1));
}

Response set_management_key(Applet& applet, const Command& command) {
    if (!applet.session().administrator) {
        return status::not_authorized;
    }
    if (command.p1 != 0xFF || (command.p2 != 0xFF && command.p2 != 0xFE)) {
        return status::bad_parameters;
    }
    // Algorithm, 9B, length, key.
    const ByteView data = command.data;
    if (data.size() < 3 || data[1] != management_reference) {
        return status::bad_data;
    }
    const auto algorithm = cipher_algorithm(data[0]);
    const auto value = data.subspan(3);
    if (!algorithm || (*algorithm != CipherAlgorithm::triple_des && !applet.has_version(first_with_aes)) ||
        value.size() != data[2] || value.size() != key_size(*algorithm)) {
        return status::bad_data;
    }
    applet.state().management_key = {
        .algorithm = *algorithm,
        .value = Bytes(value.begin(), value.end()),
        .touch_policy = command.p2 == 0xFE ? TouchPolicy::always : TouchPolicy::never,
        .is_default = false};
    return {};
}

Response set_retries(Applet& applet, const Command& command) {
    if (!applet.session().administrator || !applet.pin_verified()) {
        return status::not_authorized;
    }
    if (command.p1 == 0 || command.p2 == 0) {
        return status::bad_parameters;
    }
    applet.state().pin = reference_data("123456", command.p1);
    applet.state().puk = reference_data("12345678", command.p2);
    return {};
}

Response reset_application(Applet& applet, const Command& command) {
    if (!no_parameters(command)) {
        return status::bad_parameters;
    }
    if (applet.state().pin.tries_left > 0 || applet.state().puk.tries_left > 0) {
        return status::conditions_not_satisfied;
    }
    reset_to_factory(applet.state());
    applet.session() = {};
    return {};
}

}  // namespace signet::test::piv_card
