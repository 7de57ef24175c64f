#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <memory>

namespace signet::test {

// An RSA key that this process was not given before. Making one takes up to a second, so the first eight of a
// size are kept in the build folder and given to every process; throws where OpenSSL makes none.
std::shared_ptr<EVP_PKEY> new_rsa_key(std::size_t bits);

}  // namespace signet::test
