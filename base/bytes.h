#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signet {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Lower-case hexadecimal, no separators.
std::string to_hex(ByteView bytes);
// Accepts either case and nothing but digits; an odd count is malformed.
Result<Bytes> from_hex(std::string_view text);

// Base64 of RFC 4648 section 4, with padding and without line breaks.
std::string to_base64(ByteView bytes);
void append_base64(std::string& out, ByteView bytes);
// Strict: padding required, no white space, unused bits zero.
Result<Bytes> from_base64(std::string_view text);

// Overwrites in a way that the compiler does not remove.
void wipe(std::span<std::uint8_t> bytes);
void wipe(std::string& text);

// True when both have the same content; the time depends on the lengths only.
bool equal_constant_time(ByteView a, ByteView b);

// `text` on one line: a blank for controls and separators, U+FFFD for what is no UTF-8, is invisible or turns
// the direction. For names and labels that others give, before they are shown or sent on.
std::string printable_utf8(std::string_view text);

}  // namespace signet
