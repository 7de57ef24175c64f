#pragma once

#include "base/log.h"
#include "base/result.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet::agent {

// Largest configuration file, in octets.
inline constexpr std::size_t max_config_size = std::size_t{1} << 20;
// Most concurrent operations in one module.
inline constexpr unsigned max_sessions = 64;

// What PIV cards are called where a module's name stands for what drives a token.
inline constexpr std::string_view piv_module = "piv";

struct ModuleConfig {
    std::string name;              // unique; shown to people
    std::filesystem::path module;  // absolute path of the PKCS#11 library
    unsigned sessions = 1;         // operations that may run in it at the same time

    bool operator==(const ModuleConfig&) const = default;
};

// The PIV cards in the readers of this machine.
struct PivConfig {
    bool enabled = true;
    bool deauthenticate = true;  // a card forgets its PIN after each use

    bool operator==(const PivConfig&) const = default;
};

// The person's desktop.
struct DesktopConfig {
    bool notifications = true;
    bool lock_with_screen = true;  // and before the machine sleeps

    bool operator==(const DesktopConfig&) const = default;
};

// signet.toml(5).
struct Config {
    std::filesystem::path pinentry = "/usr/bin/pinentry";
    std::chrono::seconds pin_cache = std::chrono::minutes(15);  // zero: ask each time
    bool administration = true;                                 // org.signet.admin is served
    log::Level log_level = log::Level::info;
    PivConfig piv;
    DesktopConfig desktop;
    std::vector<ModuleConfig> modules;
};

// Lays one file's settings over `config`: keys that it names replace, modules of a new name are added. An
// unknown key, a wrong type or value is ErrorCode::configuration with "file:line: reason".
Result<void> apply_config(Config& config, std::string_view text, const std::string& file_name);

// `explicit_file` (--config, else $SIGNET_CONFIG), which must exist; else /etc/signet/signet.toml and then
// the person's own signet.toml, either of which may be missing.
Result<Config> load_config(const std::optional<std::filesystem::path>& explicit_file);

}  // namespace signet::agent
