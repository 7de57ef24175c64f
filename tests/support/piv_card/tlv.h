#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace signet::test::piv_card {

// One BER-TLV element; the value lies in the octets that were parsed.
struct Element {
    std::uint32_t tag = 0;
    ByteView value;
};

// The elements that fill `octets` to the end, or nothing when they do not.
std::optional<std::vector<Element>> parse_elements(ByteView octets);

// The first element of that tag, or null.
const Element* find(std::span<const Element> elements, std::uint32_t tag);

void append(Bytes& out, ByteView octets);
void append_element(Bytes& out, std::uint32_t tag, ByteView value);
Bytes element(std::uint32_t tag, ByteView value);

}  // namespace signet::test::piv_card
