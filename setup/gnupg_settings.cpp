#include "setup/gnupg_settings.h"

#include "setup/text.h"

#include <sstream>

namespace signet::setup {

std::filesystem::path gnupg_home(const Surroundings& surroundings) {
    return surroundings.variable("GNUPGHOME").value_or((surroundings.home / ".gnupg").string());
}

std::optional<std::string> option_value(const std::string& settings, const std::string& option) {
    std::istringstream lines(settings);
    std::optional<std::string> value;
    for (std::string line; std::getline(lines, line);) {
        const std::string setting = trimmed(line);
        const auto name_end = std::min(setting.find_first_of(" \t"), setting.size());
        if (setting.substr(0, name_end) == option) {
            value = trimmed(setting.substr(name_end));
        }
    }
    return value;
}

}  // namespace signet::setup
