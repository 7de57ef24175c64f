#include "piv/pin_pad.h"

#include <reader.h>

#include <array>
#include <cstddef>

namespace signet::piv {
namespace {

constexpr std::uint8_t seconds_to_type = 30;
constexpr std::uint8_t format_of_pin = 0x82;  // ASCII, left-justified, units of octets
constexpr std::uint8_t block_size = 8;
constexpr std::uint16_t shortest_and_longest = 0x0608;
constexpr std::uint8_t ended_by_key = 0x02;
constexpr std::uint8_t old_pin_and_new_one_twice = 0x03;
constexpr std::uint16_t english = 0x0409;

constexpr std::uint8_t verify_instruction = 0x20;
constexpr std::uint8_t change_instruction = 0x24;
constexpr std::uint8_t unblock_instruction = 0x2c;
constexpr std::size_t header_size = 5;

// What a reader answers in place of the card (PC/SC part 10 section 2.5.1.1).
constexpr StatusWord timed_out{0x6400};
constexpr StatusWord cancelled_by_key{0x6401};
constexpr StatusWord pins_differ{0x6402};
constexpr StatusWord wrong_length{0x6403};

// With PINs of nothing but padding, which the reader writes over.
Bytes command_for(std::uint8_t instruction, PinReference reference, int pins) {
    const auto size = static_cast<std::uint8_t>(pins * block_size);
    Bytes command{0x00, instruction, 0x00, static_cast<std::uint8_t>(reference), size};
    command.resize(header_size + size, 0xff);
    return command;
}

// The fixed part as it stands in memory, which is how readers take it, and the command behind it.
template <class Structure>
Bytes request(const Structure& fields, ByteView command) {
    const auto* octets = reinterpret_cast<const std::uint8_t*>(&fields);
    Bytes out(octets, octets + offsetof(Structure, abData));
    out.insert(out.end(), command.begin(), command.end());
    return out;
}

Result<void> check_answer(std::string_view name, const Bytes& answer) {
    if (answer.size() != 2) {
        return failure(ErrorCode::malformed, std::string(name), "the pin pad answers nonsense");
    }
    const StatusWord status{static_cast<std::uint16_t>(answer[0] << 8 | answer[1])};
    if (status == timed_out) {
        return failure(ErrorCode::timeout, std::string(name), "nobody typed a PIN");
    }
    if (status == cancelled_by_key) {
        return failure(ErrorCode::cancelled, std::string(name), "cancelled at the pin pad");
    }
    if (status == pins_differ || status == wrong_length) {
        return failure(ErrorCode::cancelled, std::string(name), "what was typed cannot be the PIN");
    }
    return check_new_pin(name, status);
}

Result<void> modify_at_pin_pad(const Transaction& card, const PinPad& pad, std::string_view name,
                               const Bytes& command) {
    if (pad.modify == 0) {
        return failure(ErrorCode::unsupported, std::string(name), "changing PINs at this reader");
    }
    PIN_MODIFY_STRUCTURE fields{};
    fields.bTimerOut = seconds_to_type;
    fields.bTimerOut2 = seconds_to_type;
    fields.bmFormatString = format_of_pin;
    fields.bmPINBlockString = block_size;
    fields.bInsertionOffsetNew = block_size;
    fields.wPINMaxExtraDigit = shortest_and_longest;
    fields.bConfirmPIN = old_pin_and_new_one_twice;
    fields.bEntryValidationCondition = ended_by_key;
    fields.bNumberMessage = 3;
    fields.wLangId = english;
    fields.bMsgIndex2 = 1;
    fields.bMsgIndex3 = 2;
    fields.ulDataLength = static_cast<std::uint32_t>(command.size());
    SIGNET_TRY(const Bytes answer, card.control(pad.modify, request(fields, command)));
    return check_answer(name, answer);
}

}  // namespace

Result<void> verify_at_pin_pad(const Transaction& card, const PinPad& pad, PinReference reference) {
    const Bytes command = command_for(verify_instruction, reference, 1);
    PIN_VERIFY_STRUCTURE fields{};
    fields.bTimerOut = seconds_to_type;
    fields.bTimerOut2 = seconds_to_type;
    fields.bmFormatString = format_of_pin;
    fields.bmPINBlockString = block_size;
    fields.wPINMaxExtraDigit = shortest_and_longest;
    fields.bEntryValidationCondition = ended_by_key;
    fields.bNumberMessage = 1;
    fields.wLangId = english;
    fields.ulDataLength = static_cast<std::uint32_t>(command.size());
    SIGNET_TRY(const Bytes answer, card.control(pad.verify, request(fields, command)));
    return check_answer("VERIFY", answer);
}

Result<void> change_pin_at_pin_pad(const Transaction& card, const PinPad& pad, PinReference reference) {
    return modify_at_pin_pad(card, pad, "CHANGE REFERENCE DATA",
                             command_for(change_instruction, reference, 2));
}

Result<void> unblock_pin_at_pin_pad(const Transaction& card, const PinPad& pad) {
    return modify_at_pin_pad(card, pad, "RESET RETRY COUNTER",
                             command_for(unblock_instruction, PinReference::application, 2));
}

}  // namespace signet::piv
