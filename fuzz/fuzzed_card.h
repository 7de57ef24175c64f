#pragma once

#include "piv/apdu.h"

#include <algorithm>

namespace signet::fuzz {

// Answers every command with the next piece of the input, whose first octet is its length.
class FuzzedCard final : public piv::ApduTransmitter {
  public:
    explicit FuzzedCard(ByteView answers) : m_answers(answers) {}

    Result<Bytes> transmit(ByteView /*apdu*/) override {
        if (m_answers.empty()) {
            return failure(ErrorCode::token_removed, "transmit");
        }
        const auto size = std::min<std::size_t>(m_answers.front() + std::size_t{1}, m_answers.size() - 1);
        const ByteView answer = m_answers.subspan(1, size);
        m_answers = m_answers.subspan(1 + size);
        return Bytes(answer.begin(), answer.end());
    }

  private:
    ByteView m_answers;
};

}  // namespace signet::fuzz
