#pragma once

#include "base/result.h"
#include "ipc/types.h"
#include "x509/openssl.h"

#include <filesystem>
#include <memory>

namespace signet::cli {

// signet-pkcs11.so: $SIGNET_MODULE, else ../lib beside the folder of this program, else the installed place.
Result<std::filesystem::path> module_path();

// The private keys of the tokens, through our own PKCS#11 module and libp11. The agent asks for the PIN when
// a key is used. Outlives every key that it gave.
class TokenKeys {
  public:
    static Result<TokenKeys> open();
    TokenKeys(TokenKeys&& other) noexcept;
    TokenKeys& operator=(TokenKeys&& other) noexcept;
    ~TokenKeys();

    // token_not_found, key_not_found: gone since the inventory was taken.
    Result<x509::KeyPointer> private_key(const ipc::Token& token, const ipc::Key& key);

  private:
    struct Module;
    explicit TokenKeys(std::unique_ptr<Module> module);

    std::unique_ptr<Module> m_module;
};

}  // namespace signet::cli
