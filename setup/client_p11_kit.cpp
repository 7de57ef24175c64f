#include "setup/card_modules.h"
#include "setup/client.h"
#include "setup/p11_kit.h"

namespace signet::setup {

Result<Client> describe_p11_kit(const Surroundings& surroundings) {
    const auto registrations = p11_kit_registrations(surroundings);
    const auto folder = p11_kit_folder(surroundings);
    const auto module = surroundings.installed.module;
    Client client;
    bool registered = false;
    for (const auto& registration : registrations) {
        // A package names it by its file name alone.
        const bool own_file = registration.file == folder / "signet.module";
        registered = registered || (!own_file && registration.module.filename() == module.filename() &&
                                    is_there(registration, surroundings));
    }
    if (!registered) {
        client.parts.push_back({.file = folder / "signet.module",
                                .edit = block_for(ClientName::p11_kit, "module: " + module.string() + "\n")});
    }
    const auto card_modules = CardModules::of(surroundings);
    for (const auto& registration : registrations) {
        if (card_modules.has(registration.module)) {
            // A file of the same name in the person's folder goes over the machine's.
            client.parts.push_back(
                {.file = folder / registration.file.filename(),
                 .edit = block_for(ClientName::p11_kit, "module: " + registration.module.string() +
                                                            "\nenable-in: " + std::string(nowhere) + "\n")});
            client.notes.push_back("programs see cards once: " + registration.module.filename().string() +
                                   " is not used by them any more");
        }
    }
    if (const auto read = user_config(surroundings); read.value == UserConfig::none) {
        client.notes.push_back("p11-kit reads none of your files, by user-config in " + read.file.string());
    }
    client.notes.emplace_back("p11-kit does not read this file for the user root");
    return client;
}

}  // namespace signet::setup
