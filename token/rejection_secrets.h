#pragma once

#include "base/result.h"
#include "base/secret.h"

#include <filesystem>
#include <string>

namespace signet::token {

// The secrets under which substitute plaintexts are derived: 32 random octets for each RSA key, in a file
// (0600) named after the key in a folder of their own (0700). A file that was made once stays: the answer to
// a ciphertext must not change. Safe to use from several threads and processes.
class RejectionSecrets {
  public:
    static constexpr std::size_t secret_size = 32;

    explicit RejectionSecrets(std::filesystem::path state_directory);

    // Reads the key's secret, or makes it. A file of another length is configuration.
    [[nodiscard]] Result<Secret> of_key(const std::string& key_id) const;

  private:
    [[nodiscard]] Result<void> create(const std::filesystem::path& path) const;

    std::filesystem::path m_directory;
};

}  // namespace signet::token
