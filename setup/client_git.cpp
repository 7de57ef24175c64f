#include "setup/client.h"
#include "setup/files.h"
#include "setup/git_settings.h"

#include <system_error>

namespace signet::setup {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

// The file that `git config --global` writes.
fs::path global_settings(const Surroundings& surroundings) {
    if (const auto named = surroundings.variable("GIT_CONFIG_GLOBAL")) {
        return *named;
    }
    const fs::path in_home = surroundings.home / ".gitconfig";
    const fs::path in_config = surroundings.config_home() / "git" / "config";
    return !is_there(in_home) && is_there(in_config) ? in_config : in_home;
}

}  // namespace

Result<Client> describe_git(const Surroundings& surroundings) {
    const fs::path settings = global_settings(surroundings);
    const fs::path front = surroundings.installed.programs / "signet-gpgsm";
    if (!is_there(front)) {
        return failure(ErrorCode::not_found, "signet-gpgsm", front.string() + " is not there: install it");
    }
    Client client;
    client.parts.push_back(
        {.file = settings,
         .edit = GitSettings{{{"gpg.format", "x509"}, {"gpg.x509.program", front.string()}}}});
    SIGNET_TRY(const auto file, open_file(settings));
    if (const auto key = git_value(file.content, "user.signingKey"); key && *key) {
        client.notes.push_back("git signs with user.signingKey = " + **key +
                               ", which must name a key on a token; unset, it is the committer's address");
    }
    client.notes.emplace_back(
        "name the authorities that you trust in ~/.config/signet/gpgsm.toml (signet-gpgsm(1)), or no "
        "signature "
        "is a trusted one");
    client.notes.emplace_back("sign with: git commit -S, git tag -s");
    return client;
}

}  // namespace signet::setup
