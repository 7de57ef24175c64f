#include "tests/support/piv_card/applet.h"

#include "tests/support/piv_card/commands.h"
#include "tests/support/piv_card/tlv.h"

#include <algorithm>
#include <array>
#include <utility>

namespace signet::test::piv_card {
namespace {

constexpr std::array<std::uint8_t, 11> piv_name{0xA0, 0, 0, 0x03, 0x08, 0, 0, 0x10, 0, 0x01, 0};
constexpr std::array<std::uint8_t, 11> derived_name{0xA0, 0, 0, 0x03, 0x08, 0, 0, 0x20, 0, 0x01, 0};
constexpr std::array<std::uint8_t, 6> other_name{0xD2, 0x76, 0, 0x01, 0x24, 0x01};  // OpenPGP
constexpr std::size_t registered_identifier_size = 5;
// The shortest name that tells the derived application from the card's.
constexpr std::size_t distinct_size = 8;

constexpr std::uint8_t instruction_select = 0xA4;
constexpr std::uint8_t instruction_verify = 0x20;

struct Handler {
    std::uint8_t instruction;
    bool vendor;
    Response (*function)(Applet&, const Command&);
};

constexpr std::array handlers{
    Handler{instruction_verify, false, verify},
    Handler{0x24, false, change_reference_data},
    Handler{0x2C, false, reset_retry_counter},
    Handler{0x47, false, generate_key_pair},
    Handler{0x87, false, general_authenticate},
    Handler{0xCB, false, get_data},
    Handler{0xDB, false, put_data},
    Handler{0xF6, true, move_key},
    Handler{0xF7, true, get_metadata},
    Handler{0xF8, true, get_serial},
    Handler{0xF9, true, attest_key},
    Handler{0xFA, true, set_retries},
    Handler{0xFB, true, reset_application},
    Handler{0xFD, true, get_version},
    Handler{0xFE, true, import_key},
    Handler{0xFF, true, set_management_key},
};

bool starts_with(ByteView whole, ByteView start) {
    return start.size() <= whole.size() && std::equal(start.begin(), start.end(), whole.begin());
}

bool selects(ByteView name, ByteView asked, std::size_t shortest) {
    return asked.size() >= shortest && starts_with(name, asked);
}

}  // namespace

Applet::Applet(CardState& state, const Settings& settings, TouchSensor touch_sensor)
    : m_state(state), m_settings(settings), m_touch_sensor(std::move(touch_sensor)) {}

void Applet::reset() {
    m_selected = SelectedApplet::none;
    m_session = {};
}

void Applet::leave() {
    reset();
    m_selected = SelectedApplet::other;
}

bool Applet::pin_verified() const {
    return m_session.pin_verified || (m_settings.global_pin && m_session.global_pin_verified);
}

Response Applet::process(const Command& command) {
    // The handler of GENERAL AUTHENTICATE looks at it; every command ends it.
    const bool fresh = std::exchange(m_session.pin_fresh, false);
    if (command.ins == instruction_select) {
        return select(command);
    }
    if (m_selected != SelectedApplet::piv && m_selected != SelectedApplet::derived) {
        return status::unknown_instruction;
    }
    const auto* const handler =
        std::find_if(handlers.begin(), handlers.end(),
                     [&command](const Handler& entry) { return entry.instruction == command.ins; });
    if (handler == handlers.end() || (handler->vendor && !m_settings.vendor_commands)) {
        return status::unknown_instruction;
    }
    m_session.pin_fresh = fresh;
    auto response = handler->function(*this, command);
    if (m_settings.plain_counter && (response.status & 0xFFF0) == status::tries_left) {
        response.status = static_cast<std::uint16_t>(0x6300 | (response.status & 0x0F));
    }
    m_session.pin_fresh =
        command.ins == instruction_verify && response.status == status::success && !command.data.empty();
    return response;
}

Response Applet::select(const Command& command) {
    if (command.p1 != 0x04 || (command.p2 & 0xF3) != 0x00) {
        return status::bad_parameters;
    }
    const bool has_piv = m_settings.application != Application::derived;
    const bool has_derived = m_settings.application != Application::piv;
    auto chosen = SelectedApplet::none;
    if (has_piv && selects(piv_name, command.data, registered_identifier_size)) {
        chosen = SelectedApplet::piv;
    } else if (has_derived &&
               selects(derived_name, command.data, has_piv ? distinct_size : registered_identifier_size)) {
        chosen = SelectedApplet::derived;
    } else if (m_settings.other_applet && starts_with(command.data, other_name)) {
        leave();
        return {};
    } else {
        // SP 800-73-4 part 2, 3.1.1: what was selected stays, with its security status.
        return status::not_found;
    }
    if (chosen != m_selected || m_settings.reselect_drops_pin) {
        reset();
        m_selected = chosen;
    }
    return select_answer(chosen == SelectedApplet::piv ? piv_name : derived_name);
}

Response Applet::select_answer(ByteView name) const {
    const auto registered_identifier = name.first(registered_identifier_size);
    const bool whole = m_settings.select_answer == SelectAnswer::full_aid;
    Bytes content = element(0x4F, whole ? name : name.subspan(registered_identifier_size));
    append_element(content, 0x79, element(0x4F, registered_identifier));
    if (m_settings.select_answer != SelectAnswer::minimal) {
        append_element(content, 0x50, as_bytes("Test PIV Card"));
        append_element(content, 0x5F50, as_bytes("https://csrc.nist.gov/pubs/sp/800/73/4/upd1/final"));
        Bytes algorithms;
        for (const std::uint8_t algorithm : Bytes{0x03, 0x07, 0x11, 0x14}) {
            append_element(algorithms, 0x80, Bytes{algorithm});
        }
        append_element(algorithms, 0x06, Bytes{0x00});
        append_element(content, 0xAC, algorithms);
    }
    return Response(element(0x61, content));
}

}  // namespace signet::test::piv_card
