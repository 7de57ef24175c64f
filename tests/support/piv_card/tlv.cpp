#include "tests/support/piv_card/tlv.h"

#include <algorithm>

namespace signet::test::piv_card {
namespace {

// Tags of at most three octets, as PIV has them.
std::optional<std::uint32_t> take_tag(ByteView& octets) {
    if (octets.empty()) {
        return std::nullopt;
    }
    std::uint32_t tag = octets[0];
    std::size_t size = 1;
    if ((tag & 0x1F) == 0x1F) {
        do {
            if (size == octets.size() || size == 3) {
                return std::nullopt;
            }
            tag = tag << 8 | octets[size];
        } while ((octets[size++] & 0x80) != 0);
    }
    octets = octets.subspan(size);
    return tag;
}

// Definite lengths of at most two octets after the first.
std::optional<std::size_t> take_length(ByteView& octets) {
    if (octets.empty()) {
        return std::nullopt;
    }
    std::size_t length = octets[0];
    std::size_t more = 0;
    if (length >= 0x80) {
        more = length & 0x7F;
        if (more == 0 || more > 2 || octets.size() < 1 + more) {
            return std::nullopt;
        }
        length = 0;
        for (std::size_t i = 1; i <= more; ++i) {
            length = length << 8 | octets[i];
        }
    }
    octets = octets.subspan(1 + more);
    return length;
}

void append_number(Bytes& out, std::size_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        if (number >> shift != 0 || shift == 0) {
            out.push_back(static_cast<std::uint8_t>(number >> shift));
        }
    }
}

}  // namespace

std::optional<std::vector<Element>> parse_elements(ByteView octets) {
    std::vector<Element> elements;
    while (!octets.empty()) {
        const auto tag = take_tag(octets);
        const auto length = take_length(octets);
        if (!tag || !length || *length > octets.size()) {
            return std::nullopt;
        }
        elements.push_back({*tag, octets.first(*length)});
        octets = octets.subspan(*length);
    }
    return elements;
}

const Element* find(std::span<const Element> elements, std::uint32_t tag) {
    const auto found = std::find_if(elements.begin(), elements.end(),
                                    [tag](const Element& element) { return element.tag == tag; });
    return found == elements.end() ? nullptr : &*found;
}

void append(Bytes& out, ByteView octets) {
    out.insert(out.end(), octets.begin(), octets.end());
}

void append_element(Bytes& out, std::uint32_t tag, ByteView value) {
    append_number(out, tag);
    if (value.size() >= 0x100) {
        out.push_back(0x82);
        out.push_back(static_cast<std::uint8_t>(value.size() >> 8));
    } else if (value.size() >= 0x80) {
        out.push_back(0x81);
    }
    out.push_back(static_cast<std::uint8_t>(value.size()));
    append(out, value);
}

Bytes element(std::uint32_t tag, ByteView value) {
    Bytes out;
    append_element(out, tag, value);
    return out;
}

}  // namespace signet::test::piv_card
