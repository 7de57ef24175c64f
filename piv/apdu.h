#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>

namespace signet::piv {

// SW1 and SW2 (ISO/IEC 7816-4 section 5.6, SP 800-73-4 part 2 section 2.4).
struct StatusWord {
    std::uint16_t value = 0;

    [[nodiscard]] bool success() const { return value == 0x9000; }
    // How many octets wait for GET RESPONSE (256 for 00).
    [[nodiscard]] std::optional<std::size_t> more() const;
    // The length with which the command is to be sent again.
    [[nodiscard]] std::optional<std::size_t> right_length() const;
    // 63Cx: a wrong PIN and the tries that are left. First YubiKeys answer 630x.
    [[nodiscard]] std::optional<int> tries_left() const;
    [[nodiscard]] std::string text() const;  // "6A82"

    friend bool operator==(const StatusWord&, const StatusWord&) = default;
};

namespace status {
inline constexpr StatusWord success{0x9000};
inline constexpr StatusWord wrong_length{0x6700};
inline constexpr StatusWord not_authorised{0x6982};
inline constexpr StatusWord blocked{0x6983};
inline constexpr StatusWord bad_data{0x6a80};
inline constexpr StatusWord unsupported{0x6a81};
inline constexpr StatusWord not_found{0x6a82};
inline constexpr StatusWord full{0x6a84};
inline constexpr StatusWord wrong_parameters{0x6a86};
inline constexpr StatusWord unknown_reference{0x6a88};
inline constexpr StatusWord unknown_instruction{0x6d00};
}  // namespace status

// The error is what the card answered: the command has reached it, and the connection works.
bool is_card_answer(const Error& error);

struct Command {
    std::uint8_t instruction = 0;
    std::uint8_t p1 = 0;
    std::uint8_t p2 = 0;
    ByteView data;              // borrowed
    bool expects_data = false;  // as much as there is
};

struct Response {
    Bytes data;
    StatusWord status;
};

// The card behind one exchange of octets. Responses of any length are possible.
class ApduTransmitter {
  public:
    virtual ~ApduTransmitter() = default;
    virtual Result<Bytes> transmit(ByteView apdu) = 0;
};

enum class LengthForm : std::uint8_t {
    short_form,  // up to 255 octets of data, longer ones in a chain, and 256 of response
    extended,    // up to 65,535 and 65,536
};

// Longest response that is put together; the longest object of a PIV card is a face image of 12,704 octets.
inline constexpr std::size_t max_response_size = 65536;

// Sends a command and puts the response together: chaining, GET RESPONSE after 61xx, once more after 6Cxx.
// Some cards leave out the 61xx after a full block: where the data is TLV and not whole, the rest is asked
// for too. What went over the wire is wiped. malformed: a response without a status word, longer than
// max_response_size, or of which an announced part is empty. Otherwise what the transmitter reports; a status
// word is no error here.
Result<Response> exchange(ApduTransmitter& card, const Command& command, LengthForm form);

// The two halves of exchange(). With the first alone the response may be only the beginning of one:
// may_go_on() says so.
Result<Response> exchange_first_block(ApduTransmitter& card, const Command& command, LengthForm form);
bool may_go_on(const Response& response);
Result<Response> fetch_rest(ApduTransmitter& card, Response response);

}  // namespace signet::piv
