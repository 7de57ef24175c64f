#pragma once

#include "base/bytes.h"
#include "base/secret.h"

#include <string_view>

namespace signet::test {

inline Bytes octets(std::string_view hexadecimal) {
    return from_hex(hexadecimal).value();
}

inline Secret secret(std::string_view text) {
    return Secret::copy_of(as_bytes(text)).value();
}

}  // namespace signet::test
