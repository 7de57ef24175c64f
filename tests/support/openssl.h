#pragma once

#include "x509/openssl.h"

#include <stdexcept>
#include <string>

namespace signet::test {

// Throws with what OpenSSL says of the last error.
inline void require(bool condition, const char* operation) {
    if (!condition) {
        throw std::runtime_error(std::string(operation) + ": " + x509::openssl_error(operation).detail);
    }
}

}  // namespace signet::test
