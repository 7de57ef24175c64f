#include "piv/apdu.h"

#include "piv/tlv.h"

#include <algorithm>
#include <array>

namespace signet::piv {
namespace {

constexpr std::uint8_t chained = 0x10;  // class byte of all blocks but the last
constexpr std::uint8_t get_response = 0xc0;
constexpr std::size_t max_short_data = 255;
constexpr std::size_t max_short_response = 256;
constexpr std::size_t max_extended_data = 65535;

// Gone from memory when it goes: it may hold a PIN.
class Apdu {
  public:
    Apdu(std::uint8_t class_byte, const Command& command)
        : m_octets{class_byte, command.instruction, command.p1, command.p2} {
        // Growing would leave copies behind.
        m_octets.reserve(command.data.size() + 16);
    }
    ~Apdu() { wipe(m_octets); }
    Apdu(const Apdu&) = delete;
    Apdu& operator=(const Apdu&) = delete;

    void append(std::size_t number, int octets) {
        for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) {
            m_octets.push_back(static_cast<std::uint8_t>(number >> shift));
        }
    }
    void append(ByteView data) { m_octets.insert(m_octets.end(), data.begin(), data.end()); }
    [[nodiscard]] ByteView octets() const { return m_octets; }

  private:
    Bytes m_octets;
};

Result<Response> transmit(ApduTransmitter& card, const Apdu& apdu) {
    SIGNET_TRY(Bytes octets, card.transmit(apdu.octets()));
    if (octets.size() < 2) {
        return failure(ErrorCode::malformed, "exchange APDU", "a response without a status word");
    }
    const auto status = static_cast<std::uint16_t>(octets[octets.size() - 2] << 8 | octets.back());
    octets.resize(octets.size() - 2);
    return Response{.data = std::move(octets), .status = {status}};
}

// `length` octets are expected, or none; 256 and 65536 are written as zero.
Result<Response> send_short(ApduTransmitter& card, std::uint8_t class_byte, const Command& command,
                            std::optional<std::size_t> length) {
    Apdu apdu(class_byte, command);
    if (!command.data.empty()) {
        apdu.append(command.data.size(), 1);
        apdu.append(command.data);
    }
    if (length) {
        apdu.append(*length % max_short_response, 1);
    }
    return transmit(card, apdu);
}

Result<Response> send_extended(ApduTransmitter& card, const Command& command) {
    Apdu apdu(0, command);
    apdu.append(0, 1);
    if (!command.data.empty()) {
        apdu.append(command.data.size(), 2);
        apdu.append(command.data);
    }
    if (command.expects_data) {
        apdu.append(0, 2);
    }
    return transmit(card, apdu);
}

Result<Response> send_chain(ApduTransmitter& card, Command command) {
    while (command.data.size() > max_short_data) {
        Command block = command;
        block.data = command.data.first(max_short_data);
        SIGNET_TRY(Response response, send_short(card, chained, block, std::nullopt));
        if (!response.status.success()) {
            return response;
        }
        command.data = command.data.subspan(max_short_data);
    }
    const auto length = command.expects_data ? std::optional(max_short_response) : std::nullopt;
    SIGNET_TRY(Response response, send_short(card, 0, command, length));
    if (const auto right = response.status.right_length()) {
        return send_short(card, 0, command, right);
    }
    return response;
}

Result<Response> send(ApduTransmitter& card, const Command& command, LengthForm form) {
    if (command.data.size() > max_extended_data) {
        return failure(ErrorCode::too_large, "exchange APDU", "more than 65535 octets of data");
    }
    const bool fits = command.data.size() <= max_short_data && !command.expects_data;
    if (form == LengthForm::extended && !fits) {
        return send_extended(card, command);
    }
    return send_chain(card, command);
}

bool is_cut_off(const Response& response) {
    if (!response.status.success() || response.data.empty() ||
        response.data.size() % max_short_response != 0) {
        return false;
    }
    const auto whole = tlv_size(response.data);
    return whole && *whole > response.data.size() && *whole <= max_response_size;
}

// How much to ask for with the next GET RESPONSE; nothing when the response is whole.
std::optional<std::size_t> missing(const Response& response) {
    if (const auto more = response.status.more()) {
        return more;
    }
    return is_cut_off(response) ? std::optional(max_short_response) : std::nullopt;
}

}  // namespace

std::optional<std::size_t> StatusWord::more() const {
    if (value >> 8 != 0x61) {
        return std::nullopt;
    }
    return (value & 0xff) != 0 ? value & 0xff : max_short_response;
}

std::optional<std::size_t> StatusWord::right_length() const {
    if (value >> 8 != 0x6c) {
        return std::nullopt;
    }
    return (value & 0xff) != 0 ? value & 0xff : max_short_response;
}

std::optional<int> StatusWord::tries_left() const {
    const bool told = (value & 0xfff0) == 0x63c0 || ((value & 0xfff0) == 0x6300 && value != 0x6300);
    return told ? std::optional(value & 0xf) : std::nullopt;
}

std::string StatusWord::text() const {
    std::string digits =
        to_hex(std::array{static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)});
    std::transform(digits.begin(), digits.end(), digits.begin(),
                   [](char c) { return static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c); });
    return digits;
}

bool is_card_answer(const Error& error) {
    return error.native_code >= 0x6000 && error.native_code <= 0x9fff;
}

Result<Response> exchange(ApduTransmitter& card, const Command& command, LengthForm form) {
    SIGNET_TRY(Response response, send(card, command, form));
    return fetch_rest(card, std::move(response));
}

Result<Response> exchange_first_block(ApduTransmitter& card, const Command& command, LengthForm form) {
    return send(card, command, form);
}

bool may_go_on(const Response& response) {
    return missing(response).has_value();
}

Result<Response> fetch_rest(ApduTransmitter& card, Response response) {
    while (const auto length = missing(response)) {
        SIGNET_TRY(Response rest, send_short(card, 0, {.instruction = get_response, .data = {}}, length));
        const bool nothing_more = rest.data.empty() && !rest.status.more();
        if (nothing_more && response.status.success()) {
            break;
        }
        if (rest.data.empty() && !nothing_more) {
            return failure(ErrorCode::malformed, "exchange APDU", "more is announced, and nothing comes");
        }
        response.data.insert(response.data.end(), rest.data.begin(), rest.data.end());
        response.status = rest.status;
        if (response.data.size() > max_response_size) {
            return failure(ErrorCode::malformed, "exchange APDU", "a response without end");
        }
        if (nothing_more) {
            break;
        }
    }
    return response;
}

}  // namespace signet::piv
