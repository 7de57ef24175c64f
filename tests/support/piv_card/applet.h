#pragma once

#include "tests/support/piv_card/apdu.h"
#include "tests/support/piv_card/card_state.h"
#include "tests/support/piv_card/settings.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

namespace signet::test::piv_card {

enum class SelectedApplet : std::uint8_t { none, piv, derived, other };

// What a card forgets without power, and when another applet is selected.
struct Session {
    bool pin_verified = false;
    bool global_pin_verified = false;
    bool pin_fresh = false;  // the previous command was a successful VERIFY
    bool administrator = false;
    Bytes witness;    // the card's half of mutual authentication, until it is answered
    Bytes challenge;  // of one-way authentication, until it is answered
    std::optional<std::chrono::steady_clock::time_point> touched;
};

// Asks for a finger and waits; false when it is refused.
using TouchSensor = std::function<bool()>;

// The PIV card application of SP 800-73-4 part 2 with Yubico's additions. Commands come whole: chaining and
// GET RESPONSE are the layer below's.
class Applet {
  public:
    Applet(CardState& state, const Settings& settings, TouchSensor touch_sensor);

    Response process(const Command& command);
    // Power off or reset.
    void reset();
    // Something came in that is no command of its own; it ends what only the next command may use.
    void interrupt() { m_session.pin_fresh = false; }
    [[nodiscard]] SelectedApplet selected() const { return m_selected; }

    // For the handlers of commands.
    [[nodiscard]] CardState& state() { return m_state; }
    [[nodiscard]] const Settings& settings() const { return m_settings; }
    [[nodiscard]] Session& session() { return m_session; }
    // The PIN, or where it counts the global PIN, is verified.
    [[nodiscard]] bool pin_verified() const;
    bool ask_for_touch() { return m_touch_sensor(); }
    [[nodiscard]] bool has_version(Version version) const { return m_state.version >= version; }

  private:
    Response select(const Command& command);
    void leave();
    [[nodiscard]] Response select_answer(ByteView name) const;

    CardState& m_state;
    const Settings& m_settings;
    TouchSensor m_touch_sensor;
    SelectedApplet m_selected = SelectedApplet::none;
    Session m_session;
};

}  // namespace signet::test::piv_card
