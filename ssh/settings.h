#pragma once

#include "base/result.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet::ssh {

// By what settings name a key.
struct KeyNames {
    std::string identifier;   // 64 hexadecimal digits, as signet keys shows it
    std::string fingerprint;  // "SHA256:…", as ssh-keygen -l shows it
    std::vector<std::string> addresses;
};

// Keys that were listed, each by one of its names. Addresses are compared without regard to case.
class KeyList {
  public:
    // False: `name` is none of the three.
    bool add(std::string name);
    [[nodiscard]] bool has(const KeyNames& key) const;
    [[nodiscard]] bool empty() const { return m_names.empty(); }

  private:
    std::vector<std::string> m_names;
};

struct Settings {
    KeyList additional_keys;   // offered though they do not look as if they were to authenticate
    bool confirm_all = false;  // ask before each use
    KeyList confirm;           // ask before each use of these
    KeyList forward_keys;      // offered to other machines
};

// ssh.toml over `settings`: what it says replaces what was said before.
Result<void> apply_settings(Settings& settings, std::string_view text, const std::string& file);
// `explicit_file`, or /etc/signet/ssh.toml and then $XDG_CONFIG_HOME/signet/ssh.toml, as far as they are
// there.
Result<Settings> load_settings(const std::optional<std::filesystem::path>& explicit_file);

}  // namespace signet::ssh
