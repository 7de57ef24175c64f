#include "piv/apdu.h"
#include "piv/objects.h"
#include "piv/tlv.h"

#include <algorithm>

namespace {

using namespace signet;

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    FuzzedCard card(input);
    const Bytes command(300, 0);
    for (const auto form : {piv::LengthForm::short_form, piv::LengthForm::extended}) {
        const auto response =
            exchange(card, {.instruction = 0xcb, .data = command, .expects_data = true}, form);
        if (response && response->data.size() > piv::max_response_size) {
            __builtin_trap();
        }
    }
    (void)piv::tlv_size(input);
    (void)piv::certificate_of(input);
    (void)piv::card_holder_unique_identifier_of(input);
    (void)piv::discovery_of(input);
    (void)piv::application_properties_of(input);
    if (const auto history = piv::key_history_of(input);
        history && history->on_card + history->off_card > piv::retired_key_count) {
        __builtin_trap();
    }
    return 0;
}
