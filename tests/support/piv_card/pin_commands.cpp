#include "tests/support/piv_card/commands.h"

#include <algorithm>

namespace signet::test::piv_card {
namespace {

constexpr std::uint8_t global_pin_reference = 0x00;
constexpr std::size_t padded_size = 8;
constexpr std::size_t shortest_pin = 6;
constexpr std::uint8_t padding = 0xFF;

// Null for references that the card does not have.
ReferenceData* reference_data_for(Applet& applet, std::uint8_t reference) {
    switch (reference) {
        case pin_reference:
            return &applet.state().pin;
        case puk_reference:
            return &applet.state().puk;
        case global_pin_reference:
            return applet.settings().global_pin ? &applet.state().global_pin : nullptr;
        default:
            return nullptr;
    }
}

bool& verified_flag(Applet& applet, std::uint8_t reference) {
    return reference == global_pin_reference ? applet.session().global_pin_verified
                                             : applet.session().pin_verified;
}

std::uint16_t tries_left_status(const ReferenceData& data) {
    return static_cast<std::uint16_t>(status::tries_left | std::min(data.tries_left, 0x0F));
}

bool allowed(PinFormat format, std::uint8_t octet) {
    const bool digit = octet >= '0' && octet <= '9';
    const bool letter = (octet >= 'A' && octet <= 'Z') || (octet >= 'a' && octet <= 'z');
    return format == PinFormat::any || digit || (format == PinFormat::alphanumeric && letter);
}

// SP 800-73-4 part 2, 2.4.3: six to eight characters, padded with FF.
bool well_formed_pin(const Settings& settings, ByteView value) {
    if (value.size() != padded_size) {
        return false;
    }
    const auto end = std::find(value.begin(), value.end(), padding);
    const auto format = settings.pin_format;
    return static_cast<std::size_t>(end - value.begin()) >= shortest_pin &&
           std::all_of(value.begin(), end, [format](auto octet) { return allowed(format, octet); }) &&
           std::all_of(end, value.end(), [](auto octet) { return octet == padding; });
}

bool well_formed(const Settings& settings, std::uint8_t reference, ByteView value) {
    // A PUK is eight octets of any value.
    return reference == puk_reference ? value.size() == padded_size : well_formed_pin(settings, value);
}

// Compares, and counts the try.
Response check(ReferenceData& data, ByteView value) {
    if (data.tries_left == 0) {
        return status::blocked;
    }
    if (!std::equal(value.begin(), value.end(), data.value.begin(), data.value.end())) {
        --data.tries_left;
        return tries_left_status(data);
    }
    data.tries_left = data.tries;
    return {};
}

void replace(ReferenceData& data, ByteView value) {
    data.value.assign(value.begin(), value.end());
    data.tries_left = data.tries;
    data.is_default = false;
}

Response query(Applet& applet, const Command& command, const ReferenceData& data) {
    if (data.tries_left == 0) {
        return status::blocked;
    }
    return verified_flag(applet, command.p2) ? status::success : tries_left_status(data);
}

}  // namespace

Response verify(Applet& applet, const Command& command) {
    if (command.p1 != 0x00 && command.p1 != 0xFF) {
        return status::bad_parameters;
    }
    auto* const data = reference_data_for(applet, command.p2);
    if (data == nullptr || command.p2 == puk_reference) {
        return status::reference_not_found;
    }
    bool& verified = verified_flag(applet, command.p2);
    if (command.p1 == 0xFF) {
        if (!command.data.empty()) {
            return status::bad_data;
        }
        verified = false;
        return {};
    }
    if (command.data.empty()) {
        return query(applet, command, *data);
    }
    if (!well_formed_pin(applet.settings(), command.data) && !applet.settings().malformed_pin_costs_a_try) {
        return status::bad_data;
    }
    auto response = check(*data, command.data);
    verified = response.status == status::success;
    return response;
}

Response change_reference_data(Applet& applet, const Command& command) {
    if (command.p1 != 0x00) {
        return status::bad_parameters;
    }
    auto* const data = reference_data_for(applet, command.p2);
    if (data == nullptr) {
        return status::reference_not_found;
    }
    const ByteView both = command.data;
    if (both.size() != 2 * padded_size) {
        return status::bad_data;
    }
    if (data->tries_left == 0) {
        return status::blocked;
    }
    const auto replacement = both.subspan(padded_size);
    if (!well_formed(applet.settings(), command.p2, replacement)) {
        return status::bad_data;
    }
    auto response = check(*data, both.first(padded_size));
    const bool correct = response.status == status::success;
    if (correct) {
        replace(*data, replacement);
    }
    if (command.p2 != puk_reference) {
        verified_flag(applet, command.p2) = correct;
    }
    return response;
}

Response reset_retry_counter(Applet& applet, const Command& command) {
    if (command.p1 != 0x00) {
        return status::bad_parameters;
    }
    if (command.p2 != pin_reference) {
        return status::reference_not_found;
    }
    const ByteView both = command.data;
    if (both.size() != 2 * padded_size) {
        return status::bad_data;
    }
    if (applet.state().puk.tries_left == 0) {
        return status::blocked;
    }
    const auto replacement = both.subspan(padded_size);
    if (!well_formed_pin(applet.settings(), replacement)) {
        return status::bad_data;
    }
    auto response = check(applet.state().puk, both.first(padded_size));
    if (response.status == status::success) {
        replace(applet.state().pin, replacement);
    }
    return response;
}

}  // namespace signet::test::piv_card
