#pragma once

#include "setup/surroundings.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

// Which PKCS#11 modules p11-kit loads for programs, by its .module files (pkcs11.conf(5)).
namespace signet::setup {

// As a program name in enable-in: none is called so, and the module is loaded nowhere.
inline constexpr std::string_view nowhere = "signet-turned-this-off";

struct Registration {
    std::filesystem::path file;
    std::filesystem::path module;  // as it is written: perhaps a name alone
    bool enabled = true;           // for some program at least
};

// Whether the file of the module is there. Where p11-kit looks by itself is not known, and the module of this
// installation is judged by other means.
bool is_there(const Registration& registration, const Surroundings& surroundings);

// Which of the two kinds of .module files p11-kit reads.
enum class UserConfig : std::uint8_t { none, merge, only };
struct UserConfigSetting {
    UserConfig value = UserConfig::merge;
    std::filesystem::path file;  // that says so; empty: none does
};
UserConfigSetting user_config(const Surroundings& surroundings);

// The person's own folder for .module files.
std::filesystem::path p11_kit_folder(const Surroundings& surroundings);
// Those of the machine and of the person, which go over those of the same name, as far as p11-kit reads them.
// Files that cannot be read count as not there.
std::vector<Registration> p11_kit_registrations(const Surroundings& surroundings);

}  // namespace signet::setup
