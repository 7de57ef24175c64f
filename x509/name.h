#pragma once

#include "x509/openssl.h"

#include <string_view>

namespace signet::x509 {

// Longest distinguished name in its text form, in octets.
inline constexpr std::size_t max_name_size = 4096;

// A distinguished name from its RFC 4514 text ("CN=Alice Example,O=Example\, Inc.,C=DE"). Attribute types are
// OpenSSL's names ("CN", "emailAddress") or dotted object identifiers. malformed, with what is wrong, for
// anything else, for the "#" form of values, and for an empty name.
Result<NamePointer> parse_name(std::string_view text);

}  // namespace signet::x509
