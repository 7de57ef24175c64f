#pragma once

#include "tests/support/piv_card/card.h"
#include "tests/support/piv_card/control_socket.h"
#include "tests/support/piv_card/vpcd.h"

namespace signet::test::piv_card {

struct SlotOptions {
    std::uint16_t port = 35963;
    std::filesystem::path control;  // no control socket when empty
    Bytes atr;
    bool inserted = true;
    // Comes in by itself after this time; goes with `inserted` false.
    std::optional<std::chrono::milliseconds> insert_after;
    // How long the card stays out at least. pcscd looks every 400 ms and takes a card that was out for less
    // for the same one, still powered.
    std::chrono::milliseconds shortest_absence{500};
    // After a fault pulled the card; it stays out when absent.
    std::optional<std::chrono::milliseconds> reinsert_after;
};

// Puts a card into a slot of vpcd, takes it out again, and does what the control socket says:
//
//   insert, remove          "ok" once it is asked for; pcscd needs up to a second to see it
//   state                   "inserted" or "removed"
//   touch                   the finger that is waited for
//   set NAME=VALUE          a setting, from now on
//   fault SPECIFICATION     faults.h; clear-faults takes all back
class ReaderSlot {
  public:
    ReaderSlot(SlotOptions options, const CardFiles& files, const std::function<CardState()>& fresh,
               const Settings& settings);

    [[nodiscard]] Card& card() { return m_card; }
    // Until the process is ended.
    [[noreturn]] void run();

  private:
    using TimePoint = std::chrono::steady_clock::time_point;

    std::string obey(std::string_view line);
    bool wait_for_touch();
    // Serves the control socket, and vpcd if `messages`, until `end` or the next message was served.
    void serve_until(TimePoint end, bool messages);
    void serve_message();
    void answer_command(const Bytes& command);
    void keep_connected();
    void remove();
    void send(ByteView message);
    // pcscd ended, or closed the slot.
    void lose_reader();

    SlotOptions m_options;
    Card m_card;
    std::optional<ControlSocket> m_control;
    std::optional<VpcdConnection> m_connection;
    bool m_inserted;
    bool m_finger = false;
    TimePoint m_removal{};
    std::optional<TimePoint> m_reinsertion;
};

}  // namespace signet::test::piv_card
