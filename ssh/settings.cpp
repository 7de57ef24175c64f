#include "ssh/settings.h"

#include "base/bytes.h"
#include "base/directories.h"
#include "base/file_descriptor.h"
#include "base/letter_case.h"
#include "base/toml_values.h"

#include <algorithm>
#include <cerrno>

namespace signet::ssh {
namespace {

constexpr const char* machine_file = "/etc/signet/ssh.toml";
constexpr const char* file_name = "ssh.toml";
constexpr std::string_view fingerprint_prefix = "SHA256:";
constexpr std::size_t fingerprint_size = 43;  // 32 octets in base64 without padding
constexpr std::size_t identifier_size = 64;

bool is_identifier(const std::string& name) {
    return name.size() == identifier_size && from_hex(name).has_value();
}

bool is_fingerprint(const std::string& name) {
    return name.starts_with(fingerprint_prefix) &&
           name.size() == fingerprint_prefix.size() + fingerprint_size &&
           from_base64(name.substr(fingerprint_prefix.size()) + "=").has_value();
}

bool is_address(const std::string& name) {
    return name.find('@') != std::string::npos;
}

Result<KeyList> key_list(const toml::node& node, const std::string& file) {
    SIGNET_TRY(const auto names, list_setting(node, file));
    KeyList keys;
    for (const auto& name : names) {
        if (!keys.add(name)) {
            return wrong_setting(
                file, node,
                "\"" + printable_utf8(name) +
                    "\" is no key: name it by address, fingerprint (SHA256:…) or identifier");
        }
    }
    return keys;
}

Result<void> apply_confirm(Settings& settings, const toml::node& node, const std::string& file) {
    if (node.is_array()) {
        settings.confirm_all = false;
        SIGNET_TRY(settings.confirm, key_list(node, file));
        return {};
    }
    if (!node.is_boolean()) {
        return wrong_setting(file, node, "confirm must be true, false or a list of keys");
    }
    settings.confirm_all = *node.value<bool>();
    settings.confirm = {};
    return {};
}

Result<void> apply_forward(Settings& settings, const toml::node& node, const std::string& file) {
    const toml::table* table = node.as_table();
    if (table == nullptr) {
        return wrong_setting(file, node, "write [forward] as a table");
    }
    for (const auto& [key, value] : *table) {
        if (key.str() != "keys") {
            return wrong_setting(file, value, "unknown key forward." + std::string(key.str()));
        }
        SIGNET_TRY(settings.forward_keys, key_list(value, file));
    }
    return {};
}

Result<void> apply(Settings& settings, std::string_view key, const toml::node& node,
                   const std::string& file) {
    if (key == "additional_keys") {
        SIGNET_TRY(settings.additional_keys, key_list(node, file));
        return {};
    }
    if (key == "confirm") {
        return apply_confirm(settings, node, file);
    }
    if (key == "forward") {
        return apply_forward(settings, node, file);
    }
    return wrong_setting(file, node, "unknown key " + std::string(key));
}

Result<void> apply_file(Settings& settings, const std::filesystem::path& path) {
    const auto text = read_file(path.string(), max_settings_size);
    if (!text) {
        return failure(ErrorCode::configuration, "configuration", text.error().detail,
                       text.error().native_code);
    }
    return apply_settings(settings, *text, path.string());
}

}  // namespace

bool KeyList::add(std::string name) {
    if (is_identifier(name) || is_address(name)) {
        m_names.push_back(lower_case(name));
        return true;
    }
    if (is_fingerprint(name)) {
        m_names.push_back(std::move(name));
        return true;
    }
    return false;
}

bool KeyList::has(const KeyNames& key) const {
    return std::any_of(m_names.begin(), m_names.end(), [&key](const std::string& name) {
        return name == key.identifier || name == key.fingerprint ||
               std::any_of(key.addresses.begin(), key.addresses.end(),
                           [&name](const std::string& address) { return lower_case(address) == name; });
    });
}

Result<void> apply_settings(Settings& settings, std::string_view text, const std::string& file) {
    SIGNET_TRY(const auto root, parse_toml(text, file));
    Settings changed = settings;
    for (const auto& [key, node] : root) {
        SIGNET_CHECK(apply(changed, key.str(), node, file));
    }
    settings = std::move(changed);
    return {};
}

Result<Settings> load_settings(const std::optional<std::filesystem::path>& explicit_file) {
    Settings settings;
    if (explicit_file) {
        SIGNET_CHECK(apply_file(settings, *explicit_file));
        return settings;
    }
    std::vector<std::filesystem::path> files = {machine_file};
    if (const auto directory = config_directory()) {
        files.push_back(*directory / file_name);
    }
    for (const auto& file : files) {
        auto applied = apply_file(settings, file);
        if (!applied && applied.error().native_code != ENOENT) {
            return Failure(std::move(applied).error());
        }
    }
    return settings;
}

}  // namespace signet::ssh
