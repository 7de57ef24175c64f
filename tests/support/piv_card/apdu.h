#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <optional>

namespace signet::test::piv_card {

// Status words of ISO 7816-4 and SP 800-73 that the card answers with.
namespace status {
inline constexpr std::uint16_t success = 0x9000;
inline constexpr std::uint16_t more_data = 0x6100;   // low octet: how much, 00 for 256 or more
inline constexpr std::uint16_t tries_left = 0x63C0;  // low digit: how many
inline constexpr std::uint16_t wrong_length = 0x6700;
inline constexpr std::uint16_t no_logical_channels = 0x6881;
inline constexpr std::uint16_t no_secure_messaging = 0x6882;
inline constexpr std::uint16_t not_authorized = 0x6982;
inline constexpr std::uint16_t blocked = 0x6983;
inline constexpr std::uint16_t conditions_not_satisfied = 0x6985;
inline constexpr std::uint16_t bad_data = 0x6A80;
inline constexpr std::uint16_t unsupported = 0x6A81;
inline constexpr std::uint16_t not_found = 0x6A82;
inline constexpr std::uint16_t no_space = 0x6A84;
inline constexpr std::uint16_t bad_parameters = 0x6A86;
inline constexpr std::uint16_t reference_not_found = 0x6A88;
inline constexpr std::uint16_t wrong_expected_length = 0x6C00;  // low octet: the right one
inline constexpr std::uint16_t unknown_instruction = 0x6D00;
inline constexpr std::uint16_t unknown_class = 0x6E00;
inline constexpr std::uint16_t internal_error = 0x6F00;
}  // namespace status

inline constexpr std::size_t status_size = 2;  // octets at the end of a response

struct Command {
    std::uint8_t cla = 0;
    std::uint8_t ins = 0;
    std::uint8_t p1 = 0;
    std::uint8_t p2 = 0;
    Bytes data;
    std::optional<std::size_t> expected;  // Le, with 0 resolved to 256 or 65,536
    bool extended = false;
};

struct Response {
    Bytes data;
    std::uint16_t status = status::success;

    Response() = default;
    Response(std::uint16_t word) : status(word) {}  // NOLINT: handlers return bare status words
    explicit Response(Bytes content) : data(std::move(content)) {}

    [[nodiscard]] Bytes octets() const;
};

// Short and extended forms of ISO 7816-4 section 5.1, or nothing when the lengths contradict each other.
std::optional<Command> parse_command(ByteView octets);

}  // namespace signet::test::piv_card
