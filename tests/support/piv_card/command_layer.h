#pragma once

#include "tests/support/piv_card/applet.h"

namespace signet::test::piv_card {

// What ISO 7816-4 puts between the wire and an applet: short and extended lengths, command chaining, 61xx
// with GET RESPONSE, 6Cxx.
class CommandLayer {
  public:
    CommandLayer(Applet& applet, const Settings& settings) : m_applet(applet), m_settings(settings) {}

    // One command APDU in, one response APDU out.
    Response exchange(ByteView octets);
    void reset();

  private:
    // Nothing until the last command of a chain is there.
    std::optional<Response> collect(Command& command);
    Response run(const Command& command);
    Response get_response(const Command& command);
    // The pending response if Le is right for it, else the right Le.
    Response corrected(const Command& command);
    Response next_block(std::size_t most);

    Applet& m_applet;
    const Settings& m_settings;
    std::optional<Command> m_chain;
    Bytes m_pending;  // of a response, not yet fetched
    std::uint16_t m_pending_status = status::success;
    std::optional<Command> m_corrected;  // whose Le was wrong; its response is pending
};

}  // namespace signet::test::piv_card
