#pragma once

#include "smime/line_endings.h"
#include "smime/stream.h"

#include <string>
#include <string_view>
#include <vector>

namespace signet::smime {

inline constexpr std::size_t max_transport_line = 998;  // RFC 5322 section 2.1.1, without the line break

// Quoted-printable must escape it wherever it stands.
constexpr bool needs_escape(char c) {
    const auto octet = static_cast<unsigned char>(c);
    return c == '=' || octet >= 0x7f || (octet < 0x20 && c != '\t');
}

// Mail transports may change it: 8-bit, NUL or lone CR, lines of more than 998 octets, blanks before a line
// break, lines that begin with `From ` (RFC 8551 section 3.1.3).
bool transport_may_damage(std::string_view text);

// Base64 in lines of 76 characters.
class Base64Sink final : public Sink {
  public:
    explicit Base64Sink(Sink& next, LineEnding ending = LineEnding::crlf);
    Result<void> write(std::string_view octets) override;
    // Once, at the end.
    Result<void> finish();

  private:
    void encode_line(std::string_view octets);

    Sink& m_next;
    std::string_view m_line_break;
    std::string m_rest;  // less than a line
    std::string m_encoded;
};

// Quoted-printable (RFC 2045 section 6.7) that survives what transport_may_damage() names and looks like no
// boundary. CRLF stays a line break; a LF or CR alone is encoded.
class QuotedPrintableSink final : public Sink {
  public:
    explicit QuotedPrintableSink(Sink& next) : m_next(next) {}
    Result<void> write(std::string_view octets) override;
    // Once, at the end.
    Result<void> finish();

  private:
    std::size_t encode(std::size_t count);
    [[nodiscard]] std::size_t plain_size(std::string_view text) const;
    [[nodiscard]] bool must_be_escaped(std::string_view rest) const;
    char* put_octet(char* to, char octet, bool escape);

    Sink& m_next;
    std::size_t m_column = 0;
    std::string m_pending;
    std::vector<char> m_encoded;
    std::size_t m_encoded_size = 0;
};

}  // namespace signet::smime
