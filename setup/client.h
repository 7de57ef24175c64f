#pragma once

#include "setup/edit.h"
#include "setup/surroundings.h"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet::setup {

// The programs that can be set up. Names are those of the command line.
enum class ClientName : std::uint8_t {
    thunderbird,
    firefox,
    chromium,
    evolution,
    gpgsm,
    git,
    mutt,
    ssh,
    openssl,
    p11_kit
};
inline constexpr ClientName all_clients[] = {
    ClientName::thunderbird, ClientName::firefox, ClientName::chromium, ClientName::evolution,
    ClientName::gpgsm,       ClientName::git,     ClientName::mutt,     ClientName::ssh,
    ClientName::openssl,     ClientName::p11_kit};
constexpr std::string_view name_of(ClientName client) {
    constexpr std::string_view names[] = {"thunderbird", "firefox", "chromium", "evolution", "gpgsm",
                                          "git",         "mutt",    "ssh",      "openssl",   "p11-kit"};
    return names[static_cast<std::size_t>(client)];
}

// By which OpenSSL's engine pkcs11 finds its module.
inline constexpr std::string_view engine_module_variable = "PKCS11_MODULE_PATH";

// A file that is to be changed.
struct Part {
    std::filesystem::path file;
    Edit edit;
    mode_t mode = 0644;         // of a new file
    mode_t folder_mode = 0755;  // of new folders on the way to it
};

// What a program needs to use the agent's keys.
struct Client {
    std::vector<Part> parts;
    std::vector<std::string> notes;  // what the person should know
    std::string in_use;              // why nothing can be changed now; empty: it can
};

// What the person asks for besides the program's name.
struct Choice {
    ClientName client{};
    bool system = false;  // for everybody on the machine: Mozilla's policies
};
// The command that does it, as the person writes it.
std::string command_for(const Choice& choice);
std::string undo_command_for(const Choice& choice);
// Lines for a file of the client.
MarkedBlock block_for(ClientName client, std::string lines);
// The name under which it is remembered what was done: "git", "firefox-system".
std::string record_name(const Choice& choice);

bool has_system_choice(ClientName client);
// The program that shows that the client is installed; nothing where it is not.
std::optional<std::filesystem::path> installed_program(ClientName client, const Surroundings& surroundings);
// not_found where something is missing that the client cannot do without.
Result<Client> describe(const Choice& choice, const Surroundings& surroundings);

// Each in a file of its own.
Result<Client> describe_mozilla(const Choice& choice, const Surroundings& surroundings);
Result<Client> describe_chromium(const Surroundings& surroundings);
Result<Client> describe_evolution(const Surroundings& surroundings);
Result<Client> describe_gpgsm(const Surroundings& surroundings);
Result<Client> describe_git(const Surroundings& surroundings);
Result<Client> describe_mutt(const Surroundings& surroundings);
Result<Client> describe_ssh(const Surroundings& surroundings);
Result<Client> describe_openssl(const Surroundings& surroundings);
Result<Client> describe_p11_kit(const Surroundings& surroundings);

}  // namespace signet::setup
