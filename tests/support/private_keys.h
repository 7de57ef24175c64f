#pragma once

#include "base/secret.h"
#include "x509/openssl.h"

#include <memory>
#include <string>

namespace signet::test {

// PKCS#8 PrivateKeyInfo, DER.
Secret private_key_info(EVP_PKEY* key);
Bytes public_key_info(const EVP_PKEY* key);

// A key that this process makes once; kinds as generate_key() has them.
std::shared_ptr<EVP_PKEY> shared_key(const std::string& kind);

}  // namespace signet::test
