#pragma once

#include <cstddef>
#include <cstdint>

namespace signet::smime {

// Longest header block of a mail or a part, folded lines included.
inline constexpr std::size_t max_header_size = std::size_t{1} << 20;
// Groups in an address field. GMime takes them for nested ones, one call inside the other.
inline constexpr std::size_t max_address_groups = 5000;
// How deep multiparts may nest where a mail is rebuilt for signing.
inline constexpr int max_nesting = 32;
// A CMS structure without its content.
inline constexpr std::size_t max_structure_size = std::size_t{4} << 20;
inline constexpr std::size_t max_recipients = 1024;
// How often present keys may be tried on one mail, which the mail's author has in hand.
inline constexpr std::size_t max_decryption_attempts = 16;
// Compressed content may grow to that, or to max_expansion times its size if that is more, and never beyond
// max_expanded_size.
inline constexpr std::uint64_t free_expanded_size = std::uint64_t{16} << 20;
inline constexpr std::uint64_t max_expansion = 100;
inline constexpr std::uint64_t max_expanded_size = std::uint64_t{4} << 30;
inline constexpr std::size_t max_signers = 32;
inline constexpr std::size_t max_certificates = 256;

// What reading opens of one mail: layers inside one another, layers in all, and how much may come out of
// them, the ratio times the mail's size above the first.
inline constexpr std::size_t max_layer_depth = 8;
inline constexpr std::size_t max_layers = 64;
inline constexpr std::size_t max_opened_size = std::size_t{256} << 20;
inline constexpr std::size_t max_opened_ratio = 8;

}  // namespace signet::smime
