#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <optional>
#include <string_view>

// The data types of RFC 4251 section 5, in which the SSH protocols speak.
namespace signet::ssh {

// Reads one value after another from octets that outlive it. After the first that is not there, nothing more
// is read: ask complete() or failed() once, at the end.
class WireReader {
  public:
    explicit WireReader(ByteView octets) : m_rest(octets) {}

    std::uint8_t octet();
    // Any octet other than 0 is true.
    bool boolean();
    std::uint32_t number();
    ByteView string();
    std::string_view text() { return as_text(string()); }
    // A positive mpint in its shortest form, without the leading zero octet.
    ByteView positive_integer();

    [[nodiscard]] bool failed() const { return m_failed; }
    // All was there, and nothing is left.
    [[nodiscard]] bool complete() const { return !m_failed && m_rest.empty(); }
    [[nodiscard]] bool at_end() const { return m_rest.empty(); }
    // Whatever is left.
    ByteView rest();

  private:
    ByteView take(std::size_t size);
    void fail();

    ByteView m_rest;
    bool m_failed = false;
};

class WireWriter {
  public:
    void octet(std::uint8_t value) { m_octets.push_back(value); }
    void number(std::uint32_t value);
    void string(ByteView value);
    void string(std::string_view value) { string(as_bytes(value)); }
    // The octets of a number that is not negative, most significant first, as an mpint.
    void positive_integer(ByteView digits);

    [[nodiscard]] Bytes take() { return std::move(m_octets); }

  private:
    Bytes m_octets;
};

}  // namespace signet::ssh
