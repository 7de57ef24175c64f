#include "setup/card_modules.h"

#include "base/file_descriptor.h"
#include "base/toml_values.h"

#include <algorithm>
#include <array>
#include <system_error>

namespace signet::setup {
namespace {

namespace fs = std::filesystem;

// Modules that reach cards themselves, by the beginning of their file names.
constexpr std::array makers_modules = {
    "opensc-pkcs11", "onepin-opensc-pkcs11", "libykcs11", "libcoolkeypk11", "libcackey",
    "libeToken",     "libIDPrimePKCS11"};

// As signet-agent looks for them.
std::vector<fs::path> agent_settings(const Surroundings& surroundings) {
    if (const auto named = surroundings.variable("SIGNET_CONFIG")) {
        return {*named};
    }
    return {surroundings.on_machine("/etc/signet/signet.toml"),
            surroundings.config_home() / "signet" / "signet.toml"};
}

Result<toml::table> read_settings(const fs::path& settings) {
    SIGNET_TRY(const auto text, read_file(settings.string(), max_settings_size));
    return parse_toml(text, settings.string());
}

void add_modules_of(const fs::path& settings, std::vector<fs::path>& modules) {
    const auto table = read_settings(settings);
    const toml::array* entries = table ? (*table)["pkcs11"].as_array() : nullptr;
    for (std::size_t i = 0; entries != nullptr && i < entries->size(); ++i) {
        const toml::table* entry = (*entries)[i].as_table();
        const auto module = entry != nullptr ? (*entry)["module"].value<std::string>() : std::nullopt;
        if (module) {
            modules.emplace_back(*module);
        }
    }
}

}  // namespace

bool drives_piv_cards(const Surroundings& surroundings) {
    bool enabled = true;
    for (const auto& file : agent_settings(surroundings)) {
        const auto table = read_settings(file);
        enabled = table ? (*table)["piv"]["enabled"].value<bool>().value_or(enabled) : enabled;
    }
    return enabled;
}

CardModules CardModules::of(const Surroundings& surroundings) {
    CardModules modules(surroundings.root);
    for (const auto& settings : agent_settings(surroundings)) {
        add_modules_of(settings, modules.m_driven);
    }
    return modules;
}

bool CardModules::is_same(const fs::path& driven, const fs::path& module) const {
    if (!module.is_absolute()) {
        return driven.filename() == module;
    }
    std::error_code ignored;
    return driven == module ||
           fs::equivalent(m_root / driven.relative_path(), m_root / module.relative_path(), ignored);
}

bool CardModules::has(const fs::path& module) const {
    const std::string name = module.filename().string();
    return std::any_of(makers_modules.begin(), makers_modules.end(),
                       [&name](const char* makers) { return name.starts_with(makers); }) ||
           std::any_of(m_driven.begin(), m_driven.end(),
                       [this, &module](const auto& driven) { return is_same(driven, module); });
}

}  // namespace signet::setup
