#pragma once

#include "piv/apdu.h"
#include "tests/support/piv_card/card.h"

namespace signet::test {

// The emulated card before the driver's commands, without pcscd: for tests that take milliseconds.
class CardTransmitter final : public piv::ApduTransmitter {
  public:
    explicit CardTransmitter(piv_card::Card& card) : m_card(card) {}

    Result<Bytes> transmit(ByteView apdu) override {
        if (m_pulled) {
            return failure(ErrorCode::token_removed, "transmit");
        }
        ++m_count;
        auto reply = m_card.exchange(apdu);
        m_pulled = reply.pulled;
        if (!reply.answered) {
            return failure(ErrorCode::token_removed, "transmit");
        }
        return std::move(reply.octets);
    }

    // Back after a fault pulled the card.
    void insert() {
        m_pulled = false;
        m_card.power("inserted");
    }
    // The commands since the last call.
    std::size_t take_count() { return std::exchange(m_count, 0); }

  private:
    piv_card::Card& m_card;
    std::size_t m_count = 0;
    bool m_pulled = false;
};

}  // namespace signet::test
