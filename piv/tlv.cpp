#include "piv/tlv.h"

#include <algorithm>

namespace signet::piv {
namespace {

constexpr std::size_t max_tag_octets = 3;
constexpr std::size_t max_length_octets = 3;  // beside the one that counts them

struct TlvHeader {
    std::uint32_t tag = 0;
    std::size_t header_size = 0;
    std::size_t value_size = 0;
};

bool tag_goes_on(std::uint8_t octet, std::size_t index) {
    return index == 0 ? (octet & 0x1f) == 0x1f : (octet & 0x80) != 0;
}

std::optional<TlvHeader> parse_header(ByteView octets) {
    TlvHeader header;
    std::size_t position = 0;
    bool more = true;
    for (; more; ++position) {
        if (position == octets.size() || position == max_tag_octets) {
            return std::nullopt;
        }
        header.tag = header.tag << 8 | octets[position];
        more = tag_goes_on(octets[position], position);
    }
    if (position == octets.size()) {
        return std::nullopt;
    }
    const std::uint8_t first = octets[position++];
    std::size_t length_octets = 0;
    if (first < 0x80) {
        header.value_size = first;
    } else {
        length_octets = first & 0x7f;
        if (length_octets == 0 || length_octets > max_length_octets ||
            octets.size() - position < length_octets) {
            return std::nullopt;
        }
    }
    for (; length_octets > 0; --length_octets) {
        header.value_size = header.value_size << 8 | octets[position++];
    }
    header.header_size = position;
    return header;
}

bool is_padding(std::uint8_t octet) {
    return octet == 0x00 || octet == 0xff;
}

void append_big_endian(Bytes& out, std::size_t number, int octets) {
    for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) {
        out.push_back(static_cast<std::uint8_t>(number >> shift));
    }
}

int octets_of(std::size_t number) {
    int count = 1;
    while ((number >>= 8) != 0) {
        ++count;
    }
    return count;
}

}  // namespace

Result<std::vector<Tlv>> parse_tlvs(ByteView octets) {
    std::vector<Tlv> elements;
    while (!octets.empty()) {
        if (is_padding(octets.front())) {
            octets = octets.subspan(1);
            continue;
        }
        const auto header = parse_header(octets);
        if (!header || octets.size() - header->header_size < header->value_size) {
            return failure(ErrorCode::malformed, "read TLV", "an element is longer than its data");
        }
        elements.push_back(
            {.tag = header->tag, .value = octets.subspan(header->header_size, header->value_size)});
        octets = octets.subspan(header->header_size + header->value_size);
    }
    return elements;
}

const Tlv* find_tlv(const std::vector<Tlv>& elements, std::uint32_t tag) {
    const auto found = std::find_if(elements.begin(), elements.end(),
                                    [tag](const Tlv& element) { return element.tag == tag; });
    return found == elements.end() ? nullptr : &*found;
}

Result<ByteView> unwrap_tlv(ByteView octets, std::uint32_t tag) {
    SIGNET_TRY(const auto elements, parse_tlvs(octets));
    if (elements.size() != 1 || elements.front().tag != tag) {
        return failure(ErrorCode::malformed, "read TLV", "another element than was asked for");
    }
    return elements.front().value;
}

std::optional<std::size_t> tlv_size(ByteView octets) {
    const auto header = parse_header(octets);
    return header ? std::optional(header->header_size + header->value_size) : std::nullopt;
}

void append_tlv(Bytes& out, std::uint32_t tag, ByteView value) {
    append_big_endian(out, tag, octets_of(tag));
    if (value.size() >= 0x80) {
        const int count = octets_of(value.size());
        out.push_back(static_cast<std::uint8_t>(0x80 | count));
        append_big_endian(out, value.size(), count);
    } else {
        out.push_back(static_cast<std::uint8_t>(value.size()));
    }
    out.insert(out.end(), value.begin(), value.end());
}

}  // namespace signet::piv
