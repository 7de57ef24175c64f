#include "agent/config.h"

#include "base/directories.h"
#include "base/file_descriptor.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <map>

namespace signet::agent {
namespace {

Failure wrong(const std::string& file, const toml::node& node, const std::string& reason) {
    return failure(ErrorCode::configuration, "configuration",
                   file + ":" + std::to_string(node.source().begin.line) + ": " + reason);
}

// A year is more than anybody means.
constexpr std::chrono::hours max_duration{366 * 24};

std::optional<std::chrono::seconds> unit_named(char letter) {
    switch (letter) {
        case 's':
            return std::chrono::seconds(1);
        case 'm':
            return std::chrono::minutes(1);
        case 'h':
            return std::chrono::hours(1);
        default:
            return std::nullopt;
    }
}

// "15m", "90s", "2h" or "0".
std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
    if (text == "0") {
        return std::chrono::seconds(0);
    }
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end + 1 != text.data() + text.size()) {
        return std::nullopt;
    }
    const auto unit = unit_named(*end);
    if (!unit || *unit * number > max_duration) {
        return std::nullopt;
    }
    return *unit * number;
}

Result<std::filesystem::path> absolute_path(const toml::node& node, const std::string& file) {
    const auto text = node.value<std::string>();
    if (!node.is_string() || !text->starts_with('/') || text->find('\0') != std::string::npos) {
        return wrong(file, node, "must be an absolute path in quotes");
    }
    return std::filesystem::path(*text);
}

Result<void> apply_agent_key(Config& config, std::string_view key, const toml::node& node,
                             const std::string& file) {
    if (key == "pinentry") {
        SIGNET_TRY(config.pinentry, absolute_path(node, file));
        return {};
    }
    if (key == "administration") {
        const auto flag = node.is_boolean() ? node.value<bool>() : std::nullopt;
        if (!flag) {
            return wrong(file, node, "administration must be true or false");
        }
        config.administration = *flag;
        return {};
    }
    const auto text = node.is_string() ? node.value<std::string>() : std::nullopt;
    if (key == "pin_cache") {
        const auto duration = text ? parse_duration(*text) : std::nullopt;
        if (!duration) {
            return wrong(file, node, R"(pin_cache must be a time such as "90s", "15m", "2h" or "0")");
        }
        config.pin_cache = *duration;
        return {};
    }
    if (key == "log_level") {
        const auto level = text ? log::level_named(*text) : std::nullopt;
        if (!level) {
            return wrong(file, node, R"(log_level must be "debug", "info", "warning" or "error")");
        }
        config.log_level = *level;
        return {};
    }
    return wrong(file, node, "unknown key agent." + std::string(key));
}

// A table of settings that are true or false, with their places.
using Flags = std::map<std::string_view, bool*>;

Result<void> apply_flags(const Flags& flags, const std::string& name, const toml::table& table,
                         const std::string& file) {
    for (const auto& [key, node] : table) {
        const auto flag = flags.find(key.str());
        if (flag == flags.end()) {
            return wrong(file, node, "unknown key " + name + "." + std::string(key.str()));
        }
        const auto value = node.is_boolean() ? node.value<bool>() : std::nullopt;
        if (!value) {
            return wrong(file, node, std::string(key.str()) + " must be true or false");
        }
        *flag->second = *value;
    }
    return {};
}

bool valid_name(std::string_view name) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    return !name.empty() && name.size() <= 64 && name.find_first_not_of(allowed) == std::string_view::npos;
}

Result<void> apply_module_key(ModuleConfig& module, std::string_view key, const toml::node& node,
                              const std::string& file) {
    if (key == "name") {
        const auto text = node.is_string() ? node.value<std::string>() : std::nullopt;
        if (!text || !valid_name(*text)) {
            return wrong(file, node, "name must be 1 to 64 letters, digits, '-', '_' or '.'");
        }
        if (*text == piv_module) {
            return wrong(file, node, "the name piv stands for the PIV cards that need no module");
        }
        module.name = *text;
        return {};
    }
    if (key == "module") {
        SIGNET_TRY(module.module, absolute_path(node, file));
        return {};
    }
    if (key == "sessions") {
        const auto number = node.is_integer() ? node.value<std::int64_t>() : std::nullopt;
        if (!number || *number < 1 || *number > max_sessions) {
            return wrong(file, node, "sessions must be a number from 1 to " + std::to_string(max_sessions));
        }
        module.sessions = static_cast<unsigned>(*number);
        return {};
    }
    return wrong(file, node, "unknown key pkcs11." + std::string(key));
}

Result<ModuleConfig> read_module(const toml::table& table, const std::string& file) {
    ModuleConfig module;
    for (const auto& [key, node] : table) {
        SIGNET_CHECK(apply_module_key(module, key.str(), node, file));
    }
    if (module.name.empty() || module.module.empty()) {
        return wrong(file, table, "a [[pkcs11]] entry needs name and module");
    }
    return module;
}

Result<void> apply_modules(Config& config, const toml::node& node, const std::string& file) {
    const toml::array* entries = node.as_array();
    if (entries == nullptr) {
        return wrong(file, node, "write modules as [[pkcs11]] entries");
    }
    std::vector<std::string> seen;
    for (const toml::node& entry : *entries) {
        const toml::table* table = entry.as_table();
        if (table == nullptr) {
            return wrong(file, entry, "write modules as [[pkcs11]] entries");
        }
        SIGNET_TRY(ModuleConfig module, read_module(*table, file));
        if (std::find(seen.begin(), seen.end(), module.name) != seen.end()) {
            return wrong(file, *table, "a second module named " + module.name);
        }
        seen.push_back(module.name);
        const auto same_name =
            std::find_if(config.modules.begin(), config.modules.end(),
                         [&module](const auto& other) { return other.name == module.name; });
        if (same_name != config.modules.end()) {
            *same_name = std::move(module);
        } else {
            config.modules.push_back(std::move(module));
        }
    }
    return {};
}

Result<void> apply_table(Config& config, const toml::table& root, const std::string& file) {
    for (const auto& [key, node] : root) {
        if (key.str() == "agent" && node.is_table()) {
            for (const auto& [agent_key, value] : *node.as_table()) {
                SIGNET_CHECK(apply_agent_key(config, agent_key.str(), value, file));
            }
        } else if (key.str() == "piv" && node.is_table()) {
            SIGNET_CHECK(apply_flags(
                {{"enabled", &config.piv.enabled}, {"deauthenticate", &config.piv.deauthenticate}}, "piv",
                *node.as_table(), file));
        } else if (key.str() == "desktop" && node.is_table()) {
            SIGNET_CHECK(apply_flags({{"notifications", &config.desktop.notifications},
                                      {"lock_with_screen", &config.desktop.lock_with_screen}},
                                     "desktop", *node.as_table(), file));
        } else if (key.str() == "pkcs11") {
            SIGNET_CHECK(apply_modules(config, node, file));
        } else {
            return wrong(file, node, "unknown key " + std::string(key.str()));
        }
    }
    return {};
}

Result<void> apply_file(Config& config, const std::filesystem::path& path) {
    auto text = read_file(path.string(), max_config_size);
    if (!text) {
        return failure(ErrorCode::configuration, "configuration", text.error().detail,
                       text.error().native_code);
    }
    return apply_config(config, *text, path.string());
}

std::optional<std::filesystem::path> named_file(const std::optional<std::filesystem::path>& explicit_file) {
    if (explicit_file) {
        return explicit_file;
    }
    const char* variable = std::getenv("SIGNET_CONFIG");
    if (variable != nullptr && *variable != '\0') {
        return variable;
    }
    return std::nullopt;
}

}  // namespace

Result<void> apply_config(Config& config, std::string_view text, const std::string& file_name) {
    Config changed = config;
    try {
        const toml::table root = toml::parse(text, file_name);
        SIGNET_CHECK(apply_table(changed, root, file_name));
    } catch (const toml::parse_error& error) {
        return failure(ErrorCode::configuration, "configuration",
                       file_name + ":" + std::to_string(error.source().begin.line) + ": " +
                           std::string(error.description()));
    }
    config = std::move(changed);
    return {};
}

Result<Config> load_config(const std::optional<std::filesystem::path>& explicit_file) {
    Config config;
    if (const auto file = named_file(explicit_file)) {
        SIGNET_CHECK(apply_file(config, *file));
        return config;
    }
    std::vector<std::filesystem::path> files = {"/etc/signet/signet.toml"};
    if (const auto directory = config_directory()) {
        files.push_back(*directory / "signet.toml");
    }
    for (const auto& file : files) {
        auto applied = apply_file(config, file);
        if (!applied && applied.error().native_code != ENOENT) {
            return Failure(std::move(applied).error());
        }
    }
    return config;
}

}  // namespace signet::agent
