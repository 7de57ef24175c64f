#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace signet::smime {

// Decodes base64 as it comes in mails, piece by piece. Characters outside of the alphabet are passed over.
// The first `=` ends the stream, so that what a mailing list appends does no harm; up to three characters
// that fill no quartet are lost.
class Base64Decoder {
  public:
    // Octets that decode() may write for an input of that size.
    static std::size_t room_for(std::size_t input_size) { return input_size / 4 * 3 + 6; }
    // The count of octets that were written; `output` has room for them.
    std::size_t decode(std::string_view input, std::span<char> output);
    // Nothing comes any more, whatever follows.
    [[nodiscard]] bool ended() const { return m_ended; }

  private:
    std::uint32_t m_bits = 0;  // of the characters of the open quartet
    int m_count = 0;           // of these characters
    bool m_ended = false;
};

}  // namespace signet::smime
