#pragma once

#include "piv/card_session.h"

#include <chrono>
#include <functional>

namespace signet::piv {

// One use of one key in a turn: the PIN that it wants, and the command. Another program may have selected
// another applet or reset the card before: a PIN is sent only after SELECT in the same turn, and a PIN that
// nobody has just typed only while more than one try is left.
class KeyUse {
  public:
    using KeyCommand = std::function<Result<Bytes>(const Card&)>;

    // `typed`: the PIN that the person has typed for this use; may be null. All are borrowed.
    KeyUse(CardTurn& turn, const CardKey& key, const Secret* typed, bool deauthenticates)
        : m_turn(turn), m_key(key), m_typed(typed), m_deauthenticates(deauthenticates) {}

    // pin_required, pin_incorrect, pin_blocked as the PIN goes. timeout: nobody touched the card.
    Result<Bytes> run(const KeyCommand& command);

    // A PIN was verified in this turn, and the card still knows it.
    [[nodiscard]] bool verified() const { return m_verified; }
    // What the person has typed has gone to the card; it is not to be sent again.
    [[nodiscard]] bool typed_pin_spent() const { return m_typed_pin_spent; }

  private:
    Result<Bytes> attempt(const KeyCommand& command);
    Result<Bytes> with_typed_pin(const KeyCommand& command);
    Result<Bytes> with_kept_pin(const KeyCommand& command);
    // Without SELECT and VERIFY as long as nobody interfered.
    Result<Bytes> straight(const KeyCommand& command);
    Result<void> verify_kept_pin(const PinStatus& status);

    CardTurn& m_turn;
    const CardKey& m_key;
    const Secret* m_typed;
    bool m_deauthenticates;
    bool m_verified = false;
    bool m_typed_pin_spent = false;
    bool m_pin_proven = false;  // by this turn, or the card says so
};

}  // namespace signet::piv
