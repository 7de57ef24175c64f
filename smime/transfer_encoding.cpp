#include "smime/transfer_encoding.h"

#include "base/bytes.h"
#include "smime/line_endings.h"

#include <algorithm>

namespace signet::smime {
namespace {

constexpr std::size_t max_encoded_line = 76;  // RFC 2045 section 6.7

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool line_may_be_damaged(std::string_view line) {
    const bool plain = std::all_of(line.begin(), line.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80 && c != '\0' && c != '\r';
    });
    return !plain || line.size() > max_transport_line || line.starts_with("From ") ||
           (!line.empty() && is_blank(line.back()));
}

void append_escaped(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto octet = static_cast<unsigned char>(c);
    out += '=';
    out += digits[octet >> 4];
    out += digits[octet & 0xf];
}

// One line without its line break. Soft line breaks keep every encoded line within 76 characters.
void append_quoted_line(std::string& out, std::string_view line) {
    std::size_t column = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const bool last = i + 1 == line.size();
        const bool from = column == 0 && line.substr(i).starts_with("From ");
        const bool escape = needs_escape(line[i]) || from || (last && is_blank(line[i]));
        const std::size_t width = escape ? 3 : 1;
        if (column + width > max_encoded_line - 1) {
            out += "=\r\n";
            column = 0;
            --i;
            continue;
        }
        if (escape) {
            append_escaped(out, line[i]);
        } else {
            out += line[i];
        }
        column += width;
    }
}

}  // namespace

bool transport_may_damage(std::string_view crlf_text) {
    while (!crlf_text.empty()) {
        if (line_may_be_damaged(without_line_break(take_line(crlf_text)))) {
            return true;
        }
    }
    return false;
}

std::string encode_quoted_printable(std::string_view octets) {
    std::string out;
    out.reserve(octets.size() + octets.size() / 4);
    while (!octets.empty()) {
        const std::string_view line = take_line(octets);
        if (line.ends_with("\r\n")) {
            append_quoted_line(out, without_line_break(line));
            out += "\r\n";
        } else {
            append_quoted_line(out, line);
        }
    }
    return out;
}

std::string encode_base64_lines(std::string_view octets) {
    constexpr std::size_t octets_per_line = 57;
    std::string out;
    out.reserve(octets.size() / octets_per_line * 78 + 78);
    while (!octets.empty()) {
        const std::string_view piece = octets.substr(0, octets_per_line);
        append_base64(out, as_bytes(piece));
        out += "\r\n";
        octets.remove_prefix(piece.size());
    }
    return out;
}

bool suits_base64(std::string_view octets) {
    const auto escaped = std::count_if(octets.begin(), octets.end(),
                                       [](char c) { return needs_escape(c) && c != '\r' && c != '\n'; });
    return static_cast<std::size_t>(escaped) * 6 > octets.size();
}

}  // namespace signet::smime
