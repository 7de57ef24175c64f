#include "smime/ber.h"

#include <algorithm>
#include <limits>

namespace signet::smime {
namespace {

constexpr std::size_t block_size = std::size_t{64} << 10;
constexpr std::size_t max_length_octets = 8;
// High tag numbers beyond that are of no standard, and no parser takes them.
constexpr std::uint32_t max_tag = std::numeric_limits<std::int32_t>::max();
constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

Failure malformed(std::string detail) {
    return failure(ErrorCode::malformed, "read CMS", std::move(detail));
}

Failure cut_off() {
    return malformed("the structure is cut off");
}

bool is_filler(char c) {
    return c == '\n' || c == '\r' || c == ' ' || c == '\t' || c == '\0';
}

void append(BerElement& element, char octet) {
    element.octets[element.size++] = octet;
}

}  // namespace

BerReader::BerReader(Reader& octets) : m_octets(octets), m_block(block_size) {
    m_levels.push_back({.limit = no_limit, .indefinite = false});
}

// False at the end of the input.
Result<bool> BerReader::fill() {
    if (m_rest.empty()) {
        SIGNET_TRY(const std::size_t count, m_octets.read(m_block));
        m_rest = {m_block.data(), count};
    }
    return !m_rest.empty();
}

Result<char> BerReader::octet() {
    if (m_offset >= m_levels.back().limit) {
        return malformed("an element reaches beyond what it is in");
    }
    SIGNET_TRY(const bool more, fill());
    if (!more) {
        return cut_off();
    }
    const char c = m_rest.front();
    m_rest.remove_prefix(1);
    ++m_offset;
    return c;
}

Result<void> BerReader::read_tag(BerElement& element) {
    SIGNET_TRY(char c, octet());
    append(element, c);
    const auto first = static_cast<unsigned char>(c);
    element.tag_class = static_cast<BerClass>(first >> 6);
    element.constructed = (first & 0x20U) != 0;
    element.tag = first & 0x1fU;
    if (element.tag != 0x1f) {
        return {};
    }
    std::uint64_t tag = 0;
    do {
        SIGNET_TRY(c, octet());
        append(element, c);
        tag = tag << 7 | (static_cast<unsigned char>(c) & 0x7fU);
        if (tag > max_tag || element.size > 6) {
            return malformed("a tag number beyond 2^31");
        }
    } while ((static_cast<unsigned char>(c) & 0x80U) != 0);
    if (tag < 0x1f) {
        return malformed("a low tag number in the long form");
    }
    element.tag = static_cast<std::uint32_t>(tag);
    return {};
}

Result<void> BerReader::read_length(BerElement& element) {
    SIGNET_TRY(char c, octet());
    append(element, c);
    const auto first = static_cast<unsigned char>(c);
    if (first == 0x80) {
        if (!element.constructed) {
            return malformed("an indefinite length of what is primitive");
        }
        return {};
    }
    if (first < 0x80) {
        element.length = first;
        return {};
    }
    const std::size_t count = first & 0x7fU;
    if (count > max_length_octets) {
        return malformed("a length of more than 8 octets");
    }
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < count; ++i) {
        SIGNET_TRY(c, octet());
        append(element, c);
        length = length << 8 | static_cast<unsigned char>(c);
    }
    element.length = length;
    return {};
}

Result<BerElement> BerReader::read_header() {
    BerElement element;
    element.offset = m_offset;
    SIGNET_CHECK(read_tag(element));
    SIGNET_CHECK(read_length(element));
    if (element.length && *element.length > m_levels.back().limit - m_offset) {
        return malformed("an element reaches beyond what it is in");
    }
    return element;
}

Result<bool> BerReader::at_end_of_level() {
    if (m_levels.size() > 1) {
        return !m_levels.back().indefinite && m_offset == m_levels.back().limit;
    }
    SIGNET_TRY(const bool more, fill());
    return !more;
}

Result<void> BerReader::skip_content() {
    while (m_content_left > 0) {
        std::array<char, 4096> passed_over;
        SIGNET_CHECK(read(passed_over));
    }
    return {};
}

Result<std::optional<BerElement>> BerReader::next() {
    SIGNET_CHECK(skip_content());
    SIGNET_TRY(bool ended, at_end_of_level());
    BerElement element;
    if (!ended) {
        SIGNET_TRY(element, read_header());
        const bool end_of_contents = element.is(BerClass::universal, 0);
        ended = end_of_contents && m_levels.back().indefinite && !element.constructed && element.length == 0;
        if (end_of_contents && !ended) {
            return malformed("an end of contents that ends nothing");
        }
    }
    if (ended) {
        if (m_levels.size() > 1) {
            m_levels.pop_back();
        }
        return std::nullopt;
    }
    m_content_left = element.length.value_or(0);
    return element;
}

Result<void> BerReader::enter(const BerElement& element) {
    if (!element.constructed) {
        return malformed("a primitive element in place of a constructed one");
    }
    if (m_levels.size() > max_depth) {
        return malformed("elements nested too deeply");
    }
    const std::uint64_t limit = element.length ? m_offset + *element.length : m_levels.back().limit;
    m_levels.push_back({.limit = limit, .indefinite = !element.length});
    m_content_left = 0;
    return {};
}

Result<std::size_t> BerReader::read(std::span<char> buffer) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), m_content_left));
    if (wanted == 0) {
        return 0;
    }
    std::size_t count = 0;
    if (m_rest.empty() && wanted >= m_block.size()) {
        SIGNET_TRY(count, m_octets.read(buffer.first(wanted)));
    } else {
        SIGNET_CHECK(fill());
        count = m_rest.copy(buffer.data(), wanted);
        m_rest.remove_prefix(count);
    }
    if (count == 0) {
        return cut_off();
    }
    m_offset += count;
    m_content_left -= count;
    return count;
}

Result<bool> BerReader::only_filler_follows() {
    for (;;) {
        SIGNET_TRY(const bool more, fill());
        if (!more) {
            return true;
        }
        if (!std::all_of(m_rest.begin(), m_rest.end(), is_filler)) {
            return false;
        }
        m_offset += m_rest.size();
        m_rest = {};
    }
}

Result<OctetStringReader> OctetStringReader::open(BerReader& ber, const BerElement& element) {
    OctetStringReader reader(ber);
    if (element.constructed) {
        SIGNET_CHECK(ber.enter(element));
        reader.m_depth = 1;
    }
    return reader;
}

// False at the end of the string.
Result<bool> OctetStringReader::next_segment() {
    while (m_depth > 0) {
        SIGNET_TRY(const auto segment, m_ber->next());
        if (!segment) {
            --m_depth;
            continue;
        }
        if (!segment->is(BerClass::universal, ber_octet_string)) {
            return malformed("a segment of an octet string that is none itself");
        }
        if (!segment->constructed) {
            return true;
        }
        if (m_depth > max_depth) {
            return malformed("octet strings nested too deeply");
        }
        SIGNET_CHECK(m_ber->enter(*segment));
        ++m_depth;
    }
    return false;
}

Result<std::size_t> OctetStringReader::read(std::span<char> buffer) {
    std::size_t filled = 0;
    while (!m_ended && filled < buffer.size()) {
        SIGNET_TRY(const std::size_t count, m_ber->read(buffer.subspan(filled)));
        filled += count;
        if (count == 0) {
            SIGNET_TRY(const bool more, next_segment());
            m_ended = !more;
        }
    }
    return filled;
}

}  // namespace signet::smime
