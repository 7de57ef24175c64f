#pragma once

#include <string>
#include <string_view>

// Structures that no honest program writes, octet by octet.
namespace signet::smime::test {

// With the shortest length.
std::string element(unsigned char tag, std::string_view content);
// With an indefinite length.
std::string indefinite(unsigned char tag, std::string_view content);
// With a length of 8 octets.
std::string padded(unsigned char tag, std::string_view content);
std::string identifier(const char* dotted);
std::string algorithm(const char* dotted, std::string_view parameters = {});

inline constexpr unsigned char octet_string = 0x04;
inline constexpr unsigned char sequence = 0x30;
inline constexpr unsigned char set = 0x31;
inline constexpr unsigned char context_0 = 0xa0;

// One way of writing elements: element, indefinite or padded.
using Writing = std::string (*)(unsigned char tag, std::string_view content);
// SignedData without signers; `content` is the element inside of [0], if any.
std::string signed_data(std::string_view content, Writing write = element);
// RFC 3274 around octets that are compressed already.
std::string compressed_data(std::string_view compressed);

}  // namespace signet::smime::test
