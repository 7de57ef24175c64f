#include "smime/transfer_encoding.h"

#include <algorithm>
#include <array>

namespace signet::smime {
namespace {

constexpr std::size_t max_encoded_line = 76;  // RFC 2045 sections 6.7 and 6.8
constexpr std::size_t octets_per_line = max_encoded_line / 4 * 3;
constexpr std::size_t max_soft_line = max_encoded_line - 1;  // before the "=" of a soft line break
// Quoted-printable: an escape, with a soft line break before it.
constexpr std::size_t max_encoded_octet = 6;
// How far quoted-printable looks ahead: "From ".
constexpr std::size_t look_ahead = 5;

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// By the octet.
constexpr auto plain_octets = [] {
    std::array<bool, 256> plain{};
    for (std::size_t i = 0; i < plain.size(); ++i) {
        plain[i] = !needs_escape(static_cast<char>(i));
    }
    return plain;
}();

bool is_plain(char c) {
    return plain_octets[static_cast<unsigned char>(c)];
}

char* put(char* to, std::string_view text) {
    return to + text.copy(to, text.size());
}

bool line_may_be_damaged(std::string_view line) {
    const bool plain = std::all_of(line.begin(), line.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80 && c != '\0' && c != '\r';
    });
    return !plain || line.size() > max_transport_line || line.starts_with("From ") ||
           (!line.empty() && is_blank(line.back()));
}

// Two characters for every twelve bits.
constexpr auto base64_pairs = [] {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<std::array<char, 2>, 4096> pairs{};
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        pairs[i] = {digits[i >> 6], digits[i & 0x3f]};
    }
    return pairs;
}();

char* put_pair(char* to, std::uint32_t bits) {
    const auto& pair = base64_pairs[bits & 0xfff];
    *to++ = pair[0];
    *to++ = pair[1];
    return to;
}

// Whole groups of three octets.
char* put_groups(char* to, const unsigned char* octets, std::size_t size) {
    for (std::size_t i = 0; i < size; i += 3) {
        const std::uint32_t group = static_cast<std::uint32_t>(octets[i]) << 16 |
                                    static_cast<std::uint32_t>(octets[i + 1]) << 8 | octets[i + 2];
        to = put_pair(put_pair(to, group >> 12), group);
    }
    return to;
}

}  // namespace

bool transport_may_damage(std::string_view text) {
    while (!text.empty()) {
        if (line_may_be_damaged(without_line_break(take_line(text)))) {
            return true;
        }
    }
    return false;
}

Base64Sink::Base64Sink(Sink& next, LineEnding ending)
    : m_next(next), m_line_break(ending == LineEnding::crlf ? "\r\n" : "\n") {}

Result<void> Base64Sink::write(std::string_view octets) {
    m_encoded.clear();
    if (!m_rest.empty()) {
        const std::string_view missing = octets.substr(0, octets_per_line - m_rest.size());
        m_rest += missing;
        octets.remove_prefix(missing.size());
        if (m_rest.size() < octets_per_line) {
            return {};
        }
        encode_line(m_rest);
    }
    m_rest = octets.substr(octets.size() - octets.size() % octets_per_line);
    octets.remove_suffix(m_rest.size());
    const std::size_t begin = m_encoded.size();
    m_encoded.resize(begin + octets.size() / octets_per_line * (max_encoded_line + m_line_break.size()));
    char* to = m_encoded.data() + begin;
    const auto* from = reinterpret_cast<const unsigned char*>(octets.data());
    for (std::size_t i = 0; i < octets.size(); i += octets_per_line) {
        to = put_groups(to, from + i, octets_per_line);
        to += m_line_break.copy(to, m_line_break.size());
    }
    return m_encoded.empty() ? Result<void>() : m_next.write(m_encoded);
}

// Also a last line, which is padded.
void Base64Sink::encode_line(std::string_view octets) {
    std::array<unsigned char, octets_per_line> line{};
    std::copy(octets.begin(), octets.end(), line.begin());
    std::array<char, max_encoded_line> text{};
    const std::size_t groups = (octets.size() + 2) / 3;
    char* const end = put_groups(text.data(), line.data(), 3 * groups);
    std::fill(end - (3 * groups - octets.size()), end, '=');
    m_encoded.append(text.data(), end).append(m_line_break);
}

Result<void> Base64Sink::finish() {
    if (m_rest.empty()) {
        return {};
    }
    m_encoded.clear();
    encode_line(m_rest);
    m_rest.clear();
    return m_next.write(m_encoded);
}

Result<void> QuotedPrintableSink::write(std::string_view octets) {
    m_pending += octets;
    if (m_pending.size() <= look_ahead) {
        return {};
    }
    m_pending.erase(0, encode(m_pending.size() - look_ahead));
    return m_next.write({m_encoded.data(), m_encoded_size});
}

Result<void> QuotedPrintableSink::finish() {
    encode(m_pending.size());
    m_pending.clear();
    return m_encoded_size == 0 ? Result<void>() : m_next.write({m_encoded.data(), m_encoded_size});
}

// At least the first `count` octets of m_pending; returns how many. The rest is there to be looked at.
std::size_t QuotedPrintableSink::encode(std::size_t count) {
    const std::string_view text = m_pending;
    m_encoded.resize(std::max(m_encoded.size(), max_encoded_octet * (count + 1)));
    char* to = m_encoded.data();
    std::size_t i = 0;
    while (i < count) {
        const std::size_t plain = plain_size(text.substr(i, count - i));
        to += text.copy(to, plain, i);
        m_column += plain;
        i += plain;
        const std::string_view rest = text.substr(i);
        if (i == count) {
            break;
        }
        if (rest.starts_with("\r\n")) {
            to = put(to, "\r\n");
            m_column = 0;
            i += 2;
            continue;
        }
        to = put_octet(to, rest.front(), must_be_escaped(rest));
        ++i;
    }
    m_encoded_size = static_cast<std::size_t>(to - m_encoded.data());
    return i;
}

// How much at the front of `text` needs no thought, within the line. A blank at its end may be one before a
// line break.
std::size_t QuotedPrintableSink::plain_size(std::string_view text) const {
    if (m_column == 0 && (text.front() == 'F' || text.front() == '-')) {
        return 0;
    }
    text = text.substr(0, max_soft_line - std::min(m_column, max_soft_line));
    const auto* const end = std::find_if_not(text.begin(), text.end(), is_plain);
    const auto size = static_cast<std::size_t>(end - text.begin());
    return size > 0 && is_blank(text[size - 1]) ? size - 1 : size;
}

bool QuotedPrintableSink::must_be_escaped(std::string_view rest) const {
    const bool ends_line = rest.size() == 1 || rest.substr(1).starts_with("\r\n");
    const bool starts_line = m_column == 0 || m_column >= max_soft_line;
    return needs_escape(rest.front()) || (ends_line && is_blank(rest.front())) ||
           (starts_line && (rest.starts_with("From ") || rest.starts_with("--")));
}

// Soft line breaks keep every encoded line within 76 characters.
char* QuotedPrintableSink::put_octet(char* to, char octet, bool escape) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const std::size_t width = escape ? 3 : 1;
    if (m_column + width > max_soft_line) {
        to = put(to, "=\r\n");
        m_column = 0;
    }
    m_column += width;
    if (!escape) {
        *to++ = octet;
        return to;
    }
    const auto value = static_cast<unsigned char>(octet);
    *to++ = '=';
    *to++ = digits[value >> 4];
    *to++ = digits[value & 0xf];
    return to;
}

}  // namespace signet::smime
