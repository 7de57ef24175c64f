#include "setup/client.h"
#include "setup/files.h"

#include <sstream>

namespace signet::setup {
namespace {

namespace fs = std::filesystem;

constexpr const char* machine_settings = "/etc/ssl/openssl.cnf";
constexpr const char* own_section = "signet_openssl";

// The name that the first section of the machine's settings gives to the one that programs read: ours adds to
// it.
std::string start_section(const std::string& settings) {
    std::istringstream lines(settings);
    for (std::string line; std::getline(lines, line) && !line.starts_with("[");) {
        std::erase_if(line, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
        constexpr std::string_view setting = "openssl_conf=";
        if (line.starts_with(setting)) {
            return line.substr(setting.size(), line.find('#') - setting.size());
        }
    }
    return {};
}

std::string settings_for(const std::string& module, const std::string& machine) {
    const std::string section = start_section(machine);
    return (section.empty() ? "openssl_conf = " + std::string(own_section) + "\n" : "") +
           (machine.empty() ? "" : ".include " + std::string(machine_settings) + "\n") + "\n[" +
           (section.empty() ? own_section : section) +
           "]\nengines = signet_engines\n\n"
           "[signet_engines]\npkcs11 = signet_engine\n\n"
           "[signet_engine]\nengine_id = pkcs11\nMODULE_PATH = " +
           module + "\ninit = 0\n";
}

}  // namespace

// A file of its own, for those who ask for it: in the machine's settings each program that uses OpenSSL would
// load the engine.
Result<Client> describe_openssl(const Surroundings& surroundings) {
    const fs::path settings = surroundings.config_home() / "signet" / "openssl.cnf";
    SIGNET_TRY(const auto machine, open_file(surroundings.on_machine(machine_settings)));
    Client client;
    client.parts.push_back(
        {.file = settings,
         .edit = block_for(ClientName::openssl, settings_for(surroundings.installed.module.string(),
                                                             machine.content.value_or(""))),
         .folder_mode = 0700});
    client.notes.push_back("use it with: OPENSSL_CONF=" + settings.string() +
                           " openssl cms -sign -engine pkcs11 -keyform engine -inkey 'pkcs11:object=…' …");
    client.notes.emplace_back("the engine is in the package libengine-pkcs11-openssl");
    return client;
}

}  // namespace signet::setup
