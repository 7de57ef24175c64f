#include "setup/p11_kit.h"

#include "setup/files.h"
#include "setup/text.h"

#include <array>
#include <map>
#include <sstream>
#include <system_error>

namespace signet::setup {
namespace {

namespace fs = std::filesystem;

// Where Debian's p11-kit looks, the later over the earlier.
constexpr std::array machine_folders = {"/usr/share/p11-kit/modules", "/etc/pkcs11/modules"};

std::map<std::string, std::string> fields_of(const std::string& text) {
    std::map<std::string, std::string> fields;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const auto colon = line.find(':');
        if (colon != std::string::npos && !trimmed(line).starts_with("#")) {
            fields[trimmed(line.substr(0, colon))] = trimmed(line.substr(colon + 1));
        }
    }
    return fields;
}

void read_folder(const fs::path& folder, std::map<std::string, Registration>& found) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        if (entry.path().extension() != ".module") {
            continue;
        }
        const auto file = open_file(entry.path());
        if (!file || !file->content) {
            continue;
        }
        const auto fields = fields_of(*file->content);
        auto& registration = found[entry.path().filename().string()];
        registration.file = entry.path();
        if (const auto module = fields.find("module"); module != fields.end()) {
            registration.module = module->second;
        }
        const auto enabled = fields.find("enable-in");
        registration.enabled = enabled == fields.end() || enabled->second != nowhere;
    }
}

// What a file of settings for all modules says.
void read_user_config(const fs::path& path, UserConfigSetting& setting) {
    constexpr std::pair<std::string_view, UserConfig> values[] = {{"none", UserConfig::none},
                                                                  {"merge", UserConfig::merge},
                                                                  {"only", UserConfig::only},
                                                                  {"override", UserConfig::only}};
    const auto file = open_file(path);
    const auto fields = fields_of(file ? file->content.value_or("") : "");
    const auto field = fields.find("user-config");
    for (const auto& [name, value] : values) {
        if (field != fields.end() && field->second == name) {
            setting = {.value = value, .file = path};
        }
    }
}

}  // namespace

UserConfigSetting user_config(const Surroundings& surroundings) {
    UserConfigSetting setting;
    read_user_config(surroundings.on_machine("/etc/pkcs11/pkcs11.conf"), setting);
    if (setting.value != UserConfig::none) {
        read_user_config(surroundings.config_home() / "pkcs11" / "pkcs11.conf", setting);
    }
    return setting;
}

bool is_there(const Registration& registration, const Surroundings& surroundings) {
    std::error_code ignored;
    return !registration.module.is_absolute() || registration.module == surroundings.installed.module ||
           fs::exists(surroundings.on_machine(registration.module), ignored);
}

fs::path p11_kit_folder(const Surroundings& surroundings) {
    return surroundings.config_home() / "pkcs11" / "modules";
}

std::vector<Registration> p11_kit_registrations(const Surroundings& surroundings) {
    std::map<std::string, Registration> found;
    const UserConfig read = user_config(surroundings).value;
    if (read != UserConfig::only) {
        for (const char* folder : machine_folders) {
            read_folder(surroundings.on_machine(folder), found);
        }
    }
    if (read != UserConfig::none) {
        read_folder(p11_kit_folder(surroundings), found);
    }
    std::vector<Registration> registrations;
    for (auto& [name, registration] : found) {
        registrations.push_back(std::move(registration));
    }
    return registrations;
}

}  // namespace signet::setup
