#include "setup/nss_rivals.h"

#include "setup/card_modules.h"
#include "setup/files.h"

#include <sstream>

namespace signet::setup {
namespace {

namespace fs = std::filesystem;

struct Rival {
    fs::path library;
    std::string name;
};

std::vector<Rival> rivals_in(const std::string& modules, const CardModules& card_modules,
                             const fs::path& own_module) {
    constexpr std::string_view library_field = "library=";
    constexpr std::string_view name_field = "name=";
    std::vector<Rival> rivals;
    bool in_rival = false;
    std::istringstream lines(modules);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(library_field)) {
            const fs::path library = line.substr(library_field.size());
            // Also another copy of ours.
            in_rival = card_modules.has(library) ||
                       (library.filename() == own_module.filename() && library != own_module);
            if (in_rival) {
                rivals.push_back({.library = library, .name = {}});
            }
        } else if (in_rival && line.starts_with(name_field)) {
            rivals.back().name = line.substr(name_field.size());
        }
    }
    return rivals;
}

// The command by which OpenSC adds its module to the databases of each person who logs in.
constexpr std::string_view registration = "pkcs11-register.desktop";

bool comes_back(const Rival& rival, const Surroundings& surroundings) {
    std::error_code ignored;
    const auto own = open_file(surroundings.config_home() / "autostart" / registration);
    const bool hidden = own && own->content.value_or("").find("\nHidden=true") != std::string::npos;
    return rival.library.filename().string().find("opensc-pkcs11") != std::string::npos && !hidden &&
           fs::exists(surroundings.on_machine("/etc/xdg/autostart") / registration, ignored);
}

std::string how_to_remove(const Rival& rival, ClientName client, const fs::path& database) {
    if (client == ClientName::thunderbird || client == ClientName::firefox) {
        return "remove that module in the program's settings, Security Devices";
    }
    return "close the program, and: modutil -dbdir 'sql:" + database.string() + "' -delete '" + rival.name +
           "'";
}

std::string remedy_for(const Rival& rival, ClientName client, const fs::path& database,
                       const Surroundings& surroundings) {
    std::string removal = how_to_remove(rival, client, database);
    if (!comes_back(rival, surroundings)) {
        return removal;
    }
    const auto file = surroundings.config_home() / "autostart" / registration;
    return "OpenSC adds it again at each login: end that by the lines [Desktop Entry] and Hidden=true in " +
           file.string() + "; then " + removal;
}

}  // namespace

Findings find_rivals(const ClientState& state, const Surroundings& surroundings) {
    const auto client = describe(state.choice, surroundings);
    if (!client || state.progress != Progress::set_up) {
        return {};
    }
    const auto card_modules = CardModules::of(surroundings);
    Findings findings;
    for (const auto& part : client->parts) {
        const auto file = open_file(part.file);
        if (kind_of(part.edit) != EditKind::nss_module || !file || !file->content) {
            continue;
        }
        for (const auto& rival : rivals_in(*file->content, card_modules, surroundings.installed.module)) {
            findings.push_back(
                {.check = std::string(name_of(state.choice.client)),
                 .verdict = Verdict::broken,
                 .cause =
                     "shows a card twice: " + part.file.string() + " also names " + rival.library.string(),
                 .remedy = remedy_for(rival, state.choice.client, part.file.parent_path(), surroundings)});
        }
    }
    return findings;
}

}  // namespace signet::setup
