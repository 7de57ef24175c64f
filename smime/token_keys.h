#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "x509/openssl.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace signet::smime {

// The private keys behind a PKCS#11 module, by libp11. Outlives every key that it gave. Of one thread.
class TokenKeys {
  public:
    // input_output: the module cannot be loaded.
    static Result<TokenKeys> open(const std::filesystem::path& module);
    TokenKeys(TokenKeys&& other) noexcept;
    TokenKeys& operator=(TokenKeys&& other) noexcept;
    ~TokenKeys();

    // For modules that want a PIN from the program; signet-pkcs11.so does not. Of `uri` only what it says of
    // the token counts. token_not_found, ambiguous, pin_incorrect, pin_blocked.
    Result<void> log_in(const std::string& uri, std::string_view pin);

    // The other half of a public key (SubjectPublicKeyInfo, DER) in a slot. token_not_found, key_not_found.
    Result<x509::KeyPointer> private_key(std::uint32_t slot, ByteView public_key_info);
    // The one that a PKCS#11 URI names. token_not_found, key_not_found, ambiguous.
    Result<x509::KeyPointer> private_key(const std::string& uri);

  private:
    struct Module;
    explicit TokenKeys(std::unique_ptr<Module> module);

    std::unique_ptr<Module> m_module;
};

}  // namespace signet::smime
