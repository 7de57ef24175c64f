#pragma once

#include "base/bytes.h"

#include <string>
#include <string_view>

namespace signet::x509 {

// The textual encoding of RFC 7468. `label`: "CERTIFICATE".
std::string to_pem(std::string_view label, ByteView der);

}  // namespace signet::x509
