#pragma once

#include "setup/surroundings.h"

#include <filesystem>
#include <vector>

namespace signet::setup {

// What [piv] of signet.toml says; true where nothing does.
bool drives_piv_cards(const Surroundings& surroundings);

// The PKCS#11 modules that show, beside signet-pkcs11.so, what the agent shows: OpenSC's and card makers',
// and those that the agent itself drives.
class CardModules {
  public:
    // With the modules of signet.toml. A file of settings that cannot be read names none.
    static CardModules of(const Surroundings& surroundings);

    // A module by its path, or by a name alone, as p11-kit and NSS take it too.
    [[nodiscard]] bool has(const std::filesystem::path& module) const;

  private:
    explicit CardModules(std::filesystem::path root) : m_root(std::move(root)) {}
    [[nodiscard]] bool is_same(const std::filesystem::path& driven,
                               const std::filesystem::path& module) const;

    std::filesystem::path m_root;
    std::vector<std::filesystem::path> m_driven;  // [[pkcs11]] of signet.toml, absolute
};

}  // namespace signet::setup
