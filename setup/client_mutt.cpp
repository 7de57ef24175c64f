#include "setup/client.h"

#include <system_error>

namespace signet::setup {
namespace {

namespace fs = std::filesystem;

// The first that is there is read, and no other.
std::vector<fs::path> settings_of_mutt(const Surroundings& surroundings) {
    return {surroundings.home / ".muttrc", surroundings.home / ".mutt" / "muttrc",
            surroundings.config_home() / "mutt" / "muttrc"};
}

// Those of mutt where it has none of its own.
std::vector<fs::path> settings_of_neomutt(const Surroundings& surroundings) {
    return {surroundings.config_home() / "neomutt" / "neomuttrc",
            surroundings.config_home() / "neomutt" / "muttrc", surroundings.home / ".neomuttrc",
            surroundings.home / ".neomutt" / "neomuttrc"};
}

std::optional<fs::path> first_there(const std::vector<fs::path>& files) {
    std::error_code ignored;
    for (const auto& file : files) {
        if (fs::exists(file, ignored)) {
            return file;
        }
    }
    return std::nullopt;
}

}  // namespace

Result<Client> describe_mutt(const Surroundings& surroundings) {
    const fs::path& settings = surroundings.installed.mutt_settings;
    std::error_code ignored;
    if (!fs::exists(settings, ignored)) {
        return failure(ErrorCode::not_found, "smime.rc", settings.string() + " is not there: install it");
    }
    const Edit edit = MarkedBlock{"source \"" + settings.string() + "\"\n"};
    const auto of_neomutt = first_there(settings_of_neomutt(surroundings));
    auto of_mutt = first_there(settings_of_mutt(surroundings));
    Client client;
    if (of_neomutt) {
        client.parts.push_back({.file = *of_neomutt, .edit = edit});
    }
    if (of_mutt || !of_neomutt) {
        client.parts.push_back({.file = of_mutt.value_or(surroundings.home / ".muttrc"), .edit = edit});
    }
    client.notes.emplace_back(
        "before that line, set from to your address and smime_ca_location to a file with the authorities "
        "that you "
        "trust");
    client.notes.emplace_back("make the folders for others' certificates, once: smime_keys init");
    client.notes.emplace_back("mutt asks for a passphrase: press Enter, the agent asks for the PIN");
    return client;
}

}  // namespace signet::setup
