#include "base/unicode.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace signet {
namespace {

// Both ends belong to it.
struct Range {
    char32_t first;
    char32_t last;
};

bool is_in(std::span<const Range> ranges, char32_t code) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [code](const Range& range) { return code >= range.first && code <= range.last; });
}

// Length of the well-formed sequence (RFC 3629 section 4) at the start of `text`, 0 when there is none.
std::size_t sequence_length(std::string_view text) {
    const auto at = [&text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const auto tail = [&](std::size_t i) { return i < text.size() && (at(i) & 0xc0) == 0x80; };
    const std::uint8_t lead = at(0);
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return tail(1) ? 2 : 0;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        const bool range = tail(1) && !(lead == 0xe0 && at(1) < 0xa0) && !(lead == 0xed && at(1) > 0x9f);
        return range && tail(2) ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        const bool range = tail(1) && !(lead == 0xf0 && at(1) < 0x90) && !(lead == 0xf4 && at(1) > 0x8f);
        return range && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}

}  // namespace

std::optional<Utf8Character> first_character(std::string_view text) {
    constexpr std::array<std::uint8_t, 5> bits_of_lead{0, 0x7f, 0x1f, 0x0f, 0x07};
    const std::size_t size = sequence_length(text);
    if (size == 0) {
        return std::nullopt;
    }
    char32_t code = static_cast<std::uint8_t>(text[0]) & bits_of_lead.at(size);
    for (const char octet : text.substr(1, size - 1)) {
        code = code << 6 | (static_cast<std::uint8_t>(octet) & 0x3fU);
    }
    return Utf8Character{.code = code, .size = size};
}

bool is_control(char32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

bool is_separator(char32_t code) {
    return code == 0x2028 || code == 0x2029;
}

bool is_direction_control(char32_t code) {
    constexpr std::array<Range, 4> controls{{
        {0x061c, 0x061c},
        {0x200e, 0x200f},
        {0x202a, 0x202e},
        {0x2066, 0x2069},
    }};
    return is_in(controls, code);
}

bool is_invisible(char32_t code) {
    constexpr std::array<Range, 9> invisible{{
        {0x00ad, 0x00ad},  // soft hyphen
        {0x180e, 0x180e},
        {0x200b, 0x200b},    // zero width space
        {0x2060, 0x2064},    // word joiner, operators of mathematics
        {0x206a, 0x206f},    // deprecated format characters
        {0xfeff, 0xfeff},    // byte order mark
        {0xfff9, 0xfffb},    // annotations between lines
        {0x1d173, 0x1d17a},  // beams and slurs
        {0xe0000, 0xe007f},  // tags
    }};
    return is_in(invisible, code);
}

bool changes_direction(std::string_view text) {
    while (!text.empty()) {
        const auto character = first_character(text);
        if (character && is_direction_control(character->code)) {
            return true;
        }
        text.remove_prefix(character ? character->size : 1);
    }
    return false;
}

}  // namespace signet
