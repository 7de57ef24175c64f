#pragma once

#include "tests/support/octets.h"
#include "tests/support/piv_card/card.h"
#include "tests/support/piv_card/personalize.h"

#include <string>
#include <string_view>
#include <vector>

namespace signet::test::piv_card {

// Firmware of a YubiKey that tells neither algorithms nor policies of its keys.
inline constexpr Version without_metadata{5, 2, 7};

// What new YubiKeys have.
Secret usual_management_key();

struct Answer {
    Bytes data;
    int status = 0;

    [[nodiscard]] std::string hex() const;  // with the status word
};

// A card without a reader: commands go to it directly.
class BareCard {
  public:
    // Settings as "extended=off". Nobody touches the card unless it does so by itself ("touch=given").
    explicit BareCard(const std::vector<std::string>& settings = {}, Version firmware = {5, 4, 3});

    [[nodiscard]] Card& card() { return m_card; }
    [[nodiscard]] CardState& state() { return m_card.state(); }
    [[nodiscard]] int touches_wanted() const { return m_touches_wanted; }

    // Hexadecimal command.
    Answer send(std::string_view apdu);
    // Four octets of header and data of at most 255, with Le.
    Answer send_with_data(std::string_view header, std::string_view data);
    // The same with data of any length, chained, and the whole response fetched.
    Answer exchange(std::string_view header, ByteView data);

    void select();
    Answer verify(std::string_view pin);
    void select_and_verify();
    // Mutual authentication with the management key that the card has.
    void authenticate();

  private:
    Card m_card;
    int m_touches_wanted = 0;
};

}  // namespace signet::test::piv_card
