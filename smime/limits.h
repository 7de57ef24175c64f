#pragma once

#include <cstddef>

namespace signet::smime {

// Every operation works on memory and needs a small multiple of the mail's size. Larger mails are too_large.
inline constexpr std::size_t max_mail_size = std::size_t{256} << 20;
// Longest header block of a mail or a part, folded lines included.
inline constexpr std::size_t max_header_size = std::size_t{1} << 20;
// How deep multiparts may nest where a mail is rebuilt for signing.
inline constexpr int max_nesting = 32;
inline constexpr std::size_t max_recipients = 1024;
inline constexpr std::size_t max_signers = 32;
inline constexpr std::size_t max_certificates = 256;

}  // namespace signet::smime
