#pragma once

#include <string>
#include <string_view>

namespace signet::smime {

inline constexpr std::size_t max_transport_line = 998;  // RFC 5322 section 2.1.1, without the line break

// Quoted-printable must escape it wherever it stands.
inline bool needs_escape(char c) {
    const auto octet = static_cast<unsigned char>(c);
    return c == '=' || octet >= 0x7f || (octet < 0x20 && c != '\t');
}

// Mail transports may change it: 8-bit, NUL or lone CR, lines of more than 998 octets, blanks before a line
// break, lines that begin with `From ` (RFC 8551 section 3.1.3).
bool transport_may_damage(std::string_view crlf_text);

// Quoted-printable (RFC 2045 section 6.7) that survives all of the above. CRLF stays a line break;
// a LF or CR alone is encoded.
std::string encode_quoted_printable(std::string_view octets);
// Base64 in lines of 76 characters, each ended by CRLF.
std::string encode_base64_lines(std::string_view octets);
// Whether base64 is shorter than quoted-printable.
bool suits_base64(std::string_view octets);

}  // namespace signet::smime
