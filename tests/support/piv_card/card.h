#pragma once

#include "tests/support/piv_card/command_layer.h"
#include "tests/support/piv_card/faults.h"
#include "tests/support/piv_card/log.h"

namespace signet::test::piv_card {

struct CardFiles {
    std::filesystem::path state;  // read if it is there, written after each command that changes it
    std::filesystem::path log;
};

// A whole card as a reader sees it: octets in, octets out, and power.
class Card {
  public:
    // `fresh` is the card where no state file is there yet.
    Card(const CardFiles& files, const std::function<CardState()>& fresh, Settings settings,
         TouchSensor touch_sensor);
    Card(const Card&) = delete;
    Card& operator=(const Card&) = delete;

    Reply exchange(ByteView command);
    // Power off, power on, reset: what is not in the state is forgotten.
    void power(std::string_view event);

    [[nodiscard]] Settings& settings() { return m_settings; }
    [[nodiscard]] FaultPlan& faults() { return m_faults; }
    [[nodiscard]] Log& log() { return m_log; }
    [[nodiscard]] CardState& state() { return m_state; }

  private:
    std::filesystem::path m_state_path;
    Settings m_settings;
    CardState m_state;
    Log m_log;
    FaultPlan m_faults;
    Applet m_applet;
    CommandLayer m_commands;
};

}  // namespace signet::test::piv_card
