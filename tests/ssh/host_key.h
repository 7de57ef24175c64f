#pragma once

#include "ssh/public_key.h"

#include <openssl/evp.h>

#include <memory>
#include <string_view>

namespace signet::test {

// A key pair of a host, which signs as sshd does.
class HostKey {
  public:
    // "rsa:1024", "P-256", "P-384", "P-521", "ed25519".
    explicit HostKey(std::string_view kind);

    [[nodiscard]] const Bytes& blob() const { return m_blob; }
    // The signature blob. With RSA by `hash`; the others have one of their own.
    [[nodiscard]] Bytes sign(ByteView message, HashAlgorithm hash = HashAlgorithm::sha256) const;

  private:
    std::shared_ptr<EVP_PKEY> m_key;
    Bytes m_blob;
};

}  // namespace signet::test
