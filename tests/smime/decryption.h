#pragma once

#include "smime/decrypt.h"
#include "tests/support/certificates.h"

#include <string>
#include <string_view>

namespace signet::smime::test {

// `opened` counts how often the key was asked for.
x509::CertificateOutline outline_of(const x509::Certificate& certificate);
DecryptionKey key_of(const signet::test::Identity& identity, int* opened = nullptr);

Result<std::string> decrypt(std::string_view mail, std::span<const DecryptionKey> keys);
Result<std::string> decrypt_cms(std::string_view cms, std::span<const DecryptionKey> keys);

}  // namespace signet::smime::test
