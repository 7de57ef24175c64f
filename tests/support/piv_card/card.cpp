#include "tests/support/piv_card/card.h"

#include <algorithm>
#include <array>

namespace signet::test::piv_card {
namespace {

constexpr std::size_t instruction_offset = 1;

// VERIFY spends tries; the others write.
bool may_change_state(std::uint8_t instruction) {
    constexpr std::array<std::uint8_t, 10> instructions{0x20, 0x24, 0x2C, 0x47, 0xDB,
                                                        0xF6, 0xFA, 0xFB, 0xFE, 0xFF};
    return std::find(instructions.begin(), instructions.end(), instruction) != instructions.end();
}

CardState load_or_make(const std::filesystem::path& path, const std::function<CardState()>& fresh) {
    if (!path.empty() && std::filesystem::exists(path)) {
        return load(path);
    }
    auto state = fresh();
    if (!path.empty()) {
        save(state, path);
    }
    return state;
}

bool before(const Fault& fault) {
    return fault.kind == FaultKind::pull_before;
}

}  // namespace

Card::Card(const CardFiles& files, const std::function<CardState()>& fresh, Settings settings,
           TouchSensor touch_sensor)
    : m_state_path(files.state),
      m_settings(settings),
      m_state(load_or_make(files.state, fresh)),
      m_log(files.log),
      m_applet(m_state, m_settings, std::move(touch_sensor)),
      m_commands(m_applet, m_settings) {}

Reply Card::exchange(ByteView command) {
    const std::uint8_t instruction = command.size() > instruction_offset ? command[instruction_offset] : 0;
    const auto faults = m_faults.meet(instruction);
    Reply reply;
    if (std::none_of(faults.begin(), faults.end(), before)) {
        reply.octets = m_commands.exchange(command).octets();
        if (!m_state_path.empty() && may_change_state(instruction)) {
            save(m_state, m_state_path);
        }
    }
    for (const auto& fault : faults) {
        damage(reply, fault);
    }
    m_log.apdu(command, reply.answered ? &reply.octets : nullptr, m_applet.selected());
    return reply;
}

void Card::power(std::string_view event) {
    m_commands.reset();
    m_log.event(event);
}

}  // namespace signet::test::piv_card
