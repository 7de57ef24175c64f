#include "base/bytes.h"

#include "base/unicode.h"

#include <array>
#include <cstring>

namespace signet {
namespace {

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t not_base64 = 0xff;

constexpr std::array<std::uint8_t, 256> make_base64_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(not_base64);
    for (std::size_t i = 0; i < base64_alphabet.size(); ++i) {
        values[static_cast<std::uint8_t>(base64_alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}
constexpr auto base64_values = make_base64_values();

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

}  // namespace

std::string to_hex(ByteView bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        out.push_back(digits[byte >> 4]);
        out.push_back(digits[byte & 0x0f]);
    }
    return out;
}

Result<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) {
        return failure(ErrorCode::malformed, "from_hex", "odd number of digits");
    }
    Bytes out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) {
            return failure(ErrorCode::malformed, "from_hex", "not a hexadecimal digit");
        }
        out.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return out;
}

void append_base64(std::string& out, ByteView bytes) {
    const std::size_t begin = out.size();
    out.resize(begin + (bytes.size() + 2) / 3 * 4, '=');
    char* next = out.data() + begin;
    const auto put = [&next](unsigned sextet) { *next++ = base64_alphabet[sextet & 63]; };
    std::size_t i = 0;
    for (; i + 2 < bytes.size(); i += 3) {
        const unsigned group = unsigned{bytes[i]} << 16 | unsigned{bytes[i + 1]} << 8 | bytes[i + 2];
        put(group >> 18);
        put(group >> 12);
        put(group >> 6);
        put(group);
    }
    const std::size_t rest = bytes.size() - i;
    if (rest == 0) {
        return;
    }
    const unsigned group = unsigned{bytes[i]} << 16 | (rest == 2 ? unsigned{bytes[i + 1]} << 8 : 0U);
    put(group >> 18);
    put(group >> 12);
    if (rest == 2) {
        put(group >> 6);
    }
}

std::string to_base64(ByteView bytes) {
    std::string out;
    append_base64(out, bytes);
    return out;
}

Result<Bytes> from_base64(std::string_view text) {
    const auto malformed = [] { return failure(ErrorCode::malformed, "from_base64", "not base64"); };
    if (text.size() % 4 != 0) {
        return malformed();
    }
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
        ++padding;
    }
    Bytes out(text.size() / 4 * 3 - padding);
    auto next = out.begin();
    const auto put = [&next](unsigned octet) { *next++ = static_cast<std::uint8_t>(octet); };
    unsigned group = 0;
    for (std::size_t i = 0; i < text.size() - padding; ++i) {
        const std::uint8_t value = base64_values[static_cast<std::uint8_t>(text[i])];
        if (value == not_base64) {
            return malformed();
        }
        group = group << 6 | value;
        if (i % 4 == 3) {
            put(group >> 16);
            put(group >> 8);
            put(group);
            group = 0;
        }
    }
    // What the last octets leave over must be zero: a text stands for one value only.
    if ((padding == 1 && (group & 3) != 0) || (padding == 2 && (group & 15) != 0)) {
        return malformed();
    }
    if (padding == 1) {
        put(group >> 10);
        put(group >> 2);
    } else if (padding == 2) {
        put(group >> 4);
    }
    return out;
}

void wipe(std::span<std::uint8_t> bytes) {
    // Nothing may be at no address.
    if (!bytes.empty()) {
        explicit_bzero(bytes.data(), bytes.size());
    }
}

void wipe(std::string& text) {
    explicit_bzero(text.data(), text.size());
    text.clear();
}

bool equal_constant_time(ByteView a, ByteView b) {
    if (a.size() != b.size()) {
        return false;
    }
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference |= unsigned{a[i]} ^ unsigned { b[i] };
    }
    return difference == 0;
}

std::string printable_utf8(std::string_view text) {
    constexpr std::string_view replacement = "\xef\xbf\xbd";
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto character = first_character(text);
        const std::size_t size = character ? character->size : 1;
        if (!character || is_direction_control(character->code) || is_invisible(character->code)) {
            out += replacement;
        } else if (is_control(character->code) || is_separator(character->code)) {
            out.push_back(' ');
        } else {
            out += text.substr(0, size);
        }
        text.remove_prefix(size);
    }
    return out;
}

}  // namespace signet
