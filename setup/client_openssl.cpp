#include "setup/client.h"

namespace signet::setup {

// An engine that is named in OpenSSL's settings does all RSA and EC keys of every program that reads them,
// also those in files, and fails with these: so only the module is named, and the engine is left to those who
// ask for it.
Result<Client> describe_openssl(const Surroundings& surroundings) {
    const auto settings = surroundings.config_home() / "environment.d" / "50-signet-openssl.conf";
    const std::string module = surroundings.installed.module.string();
    Client client;
    client.parts.push_back({.file = settings,
                            .edit = block_for(ClientName::openssl, std::string(engine_module_variable) +
                                                                       "=\"" + module + "\"\n")});
    client.notes.push_back("programs have it from your next login on; a shell has it at once by: export " +
                           std::string(engine_module_variable) + "='" + module + "'");
    client.notes.emplace_back(
        "use it with: openssl cms -sign -engine pkcs11 -keyform engine -inkey 'pkcs11:object=…' …");
    client.notes.emplace_back("the engine is in the package libengine-pkcs11-openssl");
    return client;
}

}  // namespace signet::setup
