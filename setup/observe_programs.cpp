#include "setup/doctor.h"
#include "setup/subprocess.h"
#include "setup/text.h"

#include <sstream>

// What programs say of their own settings: an included or an earlier file may say otherwise than what signet
// wrote.
namespace signet::setup {
namespace {

namespace fs = std::filesystem;

constexpr auto program_patience = std::chrono::seconds(5);

std::vector<std::string> person_variables(const Surroundings& surroundings) {
    return {"HOME=" + surroundings.home.string(), "XDG_CONFIG_HOME=" + surroundings.config_home().string()};
}

Result<std::string> git_setting(const Surroundings& surroundings, const std::string& name) {
    auto variables = person_variables(surroundings);
    // The settings of no repository: this may run in one.
    variables.emplace_back("GIT_DIR=/dev/null");
    SIGNET_TRY(const auto result, run_program({"git", "config", "--get", name}, variables, program_patience));
    return trimmed(result.output.substr(0, result.output.find('\n')));
}

Result<std::optional<OtherUse>> ask_git(const Surroundings& surroundings) {
    const std::pair<std::string, std::string> wanted[] = {
        {"gpg.format", "x509"},
        {"gpg.x509.program", (surroundings.installed.programs / "signet-gpgsm").string()}};
    for (const auto& [name, value] : wanted) {
        SIGNET_TRY(const auto used, git_setting(surroundings, name));
        if (used != value) {
            return OtherUse{.cause = "git takes " + name + " = " + used + " from another place",
                            .remedy = "find it with: git config --show-origin --get-all " + name};
        }
    }
    return std::nullopt;
}

// The file is named, as ssh takes the home from the user database. Nothing is asked of the network.
Result<std::optional<OtherUse>> ask_ssh(const Surroundings& surroundings) {
    constexpr std::string_view field = "pkcs11provider ";
    const fs::path settings = surroundings.home / ".ssh" / "config";
    SIGNET_TRY(const auto result, run_program({"ssh", "-G", "-F", settings.string(), "-o",
                                               "CanonicalizeHostname=no", "signet.invalid"},
                                              person_variables(surroundings), program_patience));
    if (result.status != 0) {
        return OtherUse{.cause = "ssh refuses its settings: " + trimmed(result.diagnostics),
                        .remedy = "correct " + settings.string()};
    }
    std::string used = "no module";
    std::istringstream lines(result.output);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(field)) {
            used = line.substr(field.size());
        }
    }
    if (used == surroundings.installed.module.string()) {
        return std::nullopt;
    }
    return OtherUse{.cause = "ssh uses " + used + " instead, which an earlier line names for all hosts",
                    .remedy = "remove that PKCS11Provider from " + settings.string()};
}

// The session has what the file says from its start on.
std::optional<OtherUse> look_at_session(const Surroundings& surroundings) {
    const std::string name(engine_module_variable);
    const std::string module = surroundings.installed.module.string();
    const auto used = surroundings.variable(name);
    if (used == module) {
        return std::nullopt;
    }
    return OtherUse{
        .cause = used ? "this session has " + name + "=" + *used : "this session does not have " + name,
        .remedy = "log in again, or: export " + name + "='" + module + "'",
        .verdict = used ? Verdict::broken : Verdict::note};
}

}  // namespace

std::map<ClientName, OtherUse> ask_programs(const Surroundings& surroundings) {
    std::map<ClientName, OtherUse> answers;
    const auto note = [&answers](ClientName client, const Result<std::optional<OtherUse>>& answer) {
        if (answer && *answer) {
            answers.emplace(client, **answer);
        }
    };
    if (installed_program(ClientName::git, surroundings)) {
        note(ClientName::git, ask_git(surroundings));
    }
    if (installed_program(ClientName::ssh, surroundings)) {
        note(ClientName::ssh, ask_ssh(surroundings));
    }
    if (installed_program(ClientName::openssl, surroundings)) {
        note(ClientName::openssl, look_at_session(surroundings));
    }
    return answers;
}

}  // namespace signet::setup
