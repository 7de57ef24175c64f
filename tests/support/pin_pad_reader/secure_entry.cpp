#include "tests/support/pin_pad_reader/secure_entry.h"

#include <PCSC/reader.h>

#include <algorithm>
#include <cstddef>
#include <optional>

namespace signet::test::pin_pad {
namespace {

constexpr std::size_t command_header_size = 5;  // CLA INS P1 P2 Lc
constexpr std::uint8_t format_bytes = 0x80;
constexpr std::uint8_t format_ascii = 0x02;
constexpr std::uint8_t confirm_new_pin = 0x01;
constexpr std::uint8_t ask_current_pin = 0x02;

// The structure, where it lies in what was received, and a copy of the command at its end.
template <class Structure>
struct Request {
    const Structure& fields;
    Bytes command;
};

// The length of the data in either byte order: PC/SC part 10 does not say which, and readers take both.
template <class Structure>
std::optional<Request<Structure>> parse(ByteView octets) {
    constexpr std::size_t size = offsetof(Structure, abData);
    if (octets.size() < size + command_header_size) {
        return std::nullopt;
    }
    // Packed: any alignment will do.
    const auto& fields = *reinterpret_cast<const Structure*>(octets.data());
    const auto data = octets.subspan(size);
    const std::uint32_t length = fields.ulDataLength;
    if (data.size() != length && data.size() != __builtin_bswap32(length)) {
        return std::nullopt;
    }
    return Request<Structure>{fields, Bytes(data.begin(), data.end())};
}

// Units of octets, left-justified ASCII at the start of the data; the block's length is fixed and its PIN's
// is not told.
bool supported_format(std::uint8_t format, std::uint8_t block, std::uint8_t length_format) {
    return format == (format_bytes | format_ascii) && (block & 0xF0) == 0 && (length_format & 0x0F) == 0;
}

// Why what was typed is no PIN, or 0. `limits` is XXYY: shortest and longest.
std::uint16_t refusal(const std::string& typed, std::uint16_t limits) {
    if (typed == "cancel") {
        return status_cancelled;
    }
    if (typed == "timeout") {
        return status_timeout;
    }
    const auto size = typed.size();
    return size < static_cast<std::size_t>(limits >> 8) || size > (limits & 0xFFU) ? status_wrong_length : 0;
}

bool put(Bytes& command, std::size_t offset, std::size_t block, const std::string& pin) {
    const auto start = command_header_size + offset;
    if (pin.size() > block || start + block > command.size()) {
        return false;
    }
    std::copy(pin.begin(), pin.end(), command.begin() + static_cast<std::ptrdiff_t>(start));
    return true;
}

// Questions in turn; nothing typed is a time-out.
class Questions {
  public:
    Questions(const Keystrokes& typed, std::uint16_t limits) : m_typed(typed), m_limits(limits) {}

    std::string ask() {
        std::string answer = m_next < m_typed.size() ? m_typed[m_next++] : "timeout";
        if (m_refusal == 0) {
            m_refusal = refusal(answer, m_limits);
        }
        return answer;
    }
    [[nodiscard]] std::uint16_t refusal_so_far() const { return m_refusal; }

  private:
    const Keystrokes& m_typed;
    std::uint16_t m_limits;
    std::size_t m_next = 0;
    std::uint16_t m_refusal = 0;
};

}  // namespace

Entry fill_verify(ByteView structure, const Keystrokes& typed) {
    auto request = parse<PIN_VERIFY_STRUCTURE>(structure);
    if (!request || !supported_format(request->fields.bmFormatString, request->fields.bmPINBlockString,
                                      request->fields.bmPINLengthFormat)) {
        return {.command = {}, .status = status_bad_structure};
    }
    Questions questions(typed, request->fields.wPINMaxExtraDigit);
    const auto pin = questions.ask();
    if (questions.refusal_so_far() != 0) {
        return {.command = {}, .status = questions.refusal_so_far()};
    }
    if (!put(request->command, 0, request->fields.bmPINBlockString, pin)) {
        return {.command = {}, .status = status_bad_structure};
    }
    return {.command = std::move(request->command)};
}

Entry fill_modify(ByteView structure, const Keystrokes& typed) {
    auto request = parse<PIN_MODIFY_STRUCTURE>(structure);
    if (!request || !supported_format(request->fields.bmFormatString, request->fields.bmPINBlockString,
                                      request->fields.bmPINLengthFormat)) {
        return {.command = {}, .status = status_bad_structure};
    }
    const auto& fields = request->fields;
    Questions questions(typed, fields.wPINMaxExtraDigit);
    const auto current = (fields.bConfirmPIN & ask_current_pin) != 0 ? questions.ask() : std::string();
    const auto replacement = questions.ask();
    const auto repeated = (fields.bConfirmPIN & confirm_new_pin) != 0 ? questions.ask() : replacement;
    if (questions.refusal_so_far() != 0) {
        return {.command = {}, .status = questions.refusal_so_far()};
    }
    if (repeated != replacement) {
        return {.command = {}, .status = status_pins_differ};
    }
    if (!put(request->command, fields.bInsertionOffsetOld, fields.bmPINBlockString, current) ||
        !put(request->command, fields.bInsertionOffsetNew, fields.bmPINBlockString, replacement)) {
        return {.command = {}, .status = status_bad_structure};
    }
    return {.command = std::move(request->command)};
}

}  // namespace signet::test::pin_pad
