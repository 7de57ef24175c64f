#include "setup/client.h"
#include "setup/files.h"
#include "setup/gnupg_settings.h"

namespace signet::setup {
namespace {

namespace fs = std::filesystem;

constexpr mode_t private_file = 0600;
constexpr mode_t private_folder = 0700;

// What the person wrote, outside of what signet did.
Result<std::string> own_value(const fs::path& file, const std::string& option) {
    SIGNET_TRY(const auto opened, open_file(file));
    return option_value(without_block(opened.content.value_or("")), option).value_or("");
}

// The last line counts: those who are there already are named again.
std::string provider_lines(const std::string& others, const std::string& module) {
    const std::string name(module_name);
    return "providers " + (others.empty() ? name : others + "," + name) + "\nprovider-" + name + "-library " +
           module + "\nprovider-" + name + "-allow-protected-auth\n";
}

}  // namespace

Result<Client> describe_gpgsm(const Surroundings& surroundings) {
    const auto daemon = surroundings.program("gnupg-pkcs11-scd");
    if (!daemon) {
        return failure(
            ErrorCode::not_found, "gnupg-pkcs11-scd",
            "gpgsm reaches PKCS#11 modules through gnupg-pkcs11-scd, which is not there; install the "
            "package of that name");
    }
    const fs::path home = gnupg_home(surroundings);
    const fs::path agent_settings = home / "gpg-agent.conf";
    const fs::path daemon_settings = home / "gnupg-pkcs11-scd.conf";
    SIGNET_TRY(const auto other_daemon, own_value(agent_settings, "scdaemon-program"));
    SIGNET_TRY(const auto others, own_value(daemon_settings, "providers"));
    Client client;
    client.parts.push_back(
        {.file = agent_settings,
         .edit = block_for(ClientName::gpgsm, "scdaemon-program " + daemon->string() + "\n"),
         .mode = private_file,
         .folder_mode = private_folder});
    client.parts.push_back(
        {.file = daemon_settings,
         .edit = block_for(ClientName::gpgsm, provider_lines(others, surroundings.installed.module.string())),
         .mode = private_file,
         .folder_mode = private_folder});
    if (!other_daemon.empty() && other_daemon != daemon->string()) {
        client.notes.push_back("takes the place of scdaemon-program " + other_daemon);
    }
    client.notes.emplace_back(
        "gpg loses its own smart card daemon: OpenPGP cards do not work while this is set up");
    client.notes.emplace_back("keys on curves are not seen: gnupg-pkcs11-scd has only RSA keys");
    client.notes.emplace_back(
        "some RSA signatures by gpgsm 2.2 with a card are an octet too long (257 for RSA-2048): gpgsm takes "
        "them, "
        "OpenSSL and Thunderbird refuse them; signet sign makes none of these");
    client.notes.emplace_back(
        "a gpg-agent that runs learns of it by: gpgconf --kill all (--restart does it); then: gpgsm "
        "--learn-card");
    return client;
}

}  // namespace signet::setup
