#include "setup/client.h"

#include <algorithm>
#include <system_error>

namespace signet::setup {
namespace {

namespace fs = std::filesystem;

// Of each list the first that is there is read, and no other.
std::vector<fs::path> settings_of_mutt(const Surroundings& surroundings) {
    return {surroundings.home / ".muttrc", surroundings.home / ".mutt" / "muttrc",
            surroundings.config_home() / "mutt" / "muttrc"};
}

std::vector<fs::path> settings_of_neomutt(const Surroundings& surroundings) {
    std::vector<fs::path> files;
    for (const auto& folder : {surroundings.config_home() / "neomutt", surroundings.config_home() / "mutt",
                               surroundings.home / ".neomutt", surroundings.home / ".mutt"}) {
        files.insert(files.end(), {folder / "neomuttrc", folder / "muttrc"});
    }
    files.insert(files.end(), {surroundings.home / ".neomuttrc", surroundings.home / ".muttrc"});
    return files;
}

std::optional<fs::path> first_there(const std::vector<fs::path>& files) {
    std::error_code ignored;
    const auto found = std::find_if(files.begin(), files.end(),
                                    [&ignored](const auto& file) { return fs::exists(file, ignored); });
    return found == files.end() ? std::nullopt : std::optional(*found);
}

// A link from one to the other makes them one.
bool is_same(const std::optional<fs::path>& one, const std::optional<fs::path>& other) {
    std::error_code ignored;
    return one && other && fs::equivalent(*one, *other, ignored);
}

// One that both read when neither has any, and mutt when only neomutt has.
std::vector<fs::path> settings_to_change(const Surroundings& surroundings) {
    const auto of_neomutt = first_there(settings_of_neomutt(surroundings));
    auto of_mutt = first_there(settings_of_mutt(surroundings));
    if (!of_mutt && (!of_neomutt || surroundings.program("mutt"))) {
        of_mutt = surroundings.home / ".muttrc";
    }
    std::vector<fs::path> files;
    if (of_neomutt) {
        files.push_back(*of_neomutt);
    }
    if (of_mutt && !is_same(of_mutt, of_neomutt)) {
        files.push_back(*of_mutt);
    }
    return files;
}

}  // namespace

Result<Client> describe_mutt(const Surroundings& surroundings) {
    const fs::path& settings = surroundings.installed.mutt_settings;
    std::error_code ignored;
    if (!fs::exists(settings, ignored)) {
        return failure(ErrorCode::not_found, "smime.rc", settings.string() + " is not there: install it");
    }
    const Edit edit = block_for(ClientName::mutt, "source \"" + settings.string() + "\"\n");
    Client client;
    for (auto& file : settings_to_change(surroundings)) {
        client.parts.push_back({.file = std::move(file), .edit = edit});
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
