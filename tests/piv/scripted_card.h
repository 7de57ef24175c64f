#pragma once

#include "piv/apdu.h"

#include <deque>
#include <string>
#include <vector>

namespace signet::piv::test {

// Answers with what the test has written down, and remembers what it was sent.
class ScriptedCard final : public ApduTransmitter {
  public:
    explicit ScriptedCard(std::deque<std::string> answers) : m_answers(std::move(answers)) {}

    Result<Bytes> transmit(ByteView apdu) override {
        commands.push_back(to_hex(apdu));
        if (m_answers.empty()) {
            return failure(ErrorCode::token_removed, "transmit");
        }
        const std::string answer = m_answers.front();
        m_answers.pop_front();
        return from_hex(answer);
    }

    std::vector<std::string> commands;

  private:
    std::deque<std::string> m_answers;
};

}  // namespace signet::piv::test
