#include "setup/doctor.h"
#include "setup/files.h"
#include "setup/gnupg_settings.h"
#include "setup/state.h"
#include "setup/subprocess.h"
#include "setup/temporary_folder.h"
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

// Git outside of a repository, or in one that nothing is said of.
class Git {
  public:
    static Result<Git> make(const Surroundings& surroundings) {
        SIGNET_TRY(auto folder, TemporaryFolder::make());
        Git git(std::move(folder), person_variables(surroundings));
        SIGNET_TRY(const auto made, git.run({"init", "--quiet", "--bare", "--template="}));
        return made.status == 0 ? Result<Git>(std::move(git))
                                : failure(ErrorCode::malformed, "git", trimmed(made.diagnostics));
    }
    [[nodiscard]] Result<std::string> setting(const std::string& name) const {
        SIGNET_TRY(const auto result, run({"config", "--get", name}));
        return trimmed(result.output.substr(0, result.output.find('\n')));
    }
    // "includeif.CONDITION.path FILE" of all files that count in some repositories alone.
    [[nodiscard]] Result<std::string> conditional_files() const {
        SIGNET_TRY(auto result, run({"config", "--type=path", "--get-regexp", R"(^includeif\..*\.path$)"}));
        return std::move(result.output);
    }
    [[nodiscard]] Result<std::string> setting_in(const std::string& file, const std::string& name) const {
        SIGNET_TRY(const auto result, run({"config", "--includes", "--file", file, "--get", name}));
        return trimmed(result.output.substr(0, result.output.find('\n')));
    }

  private:
    Git(TemporaryFolder folder, std::vector<std::string> variables)
        : m_folder(std::move(folder)), m_variables(std::move(variables)) {
        // The settings of this repository: the process may run in another.
        m_variables.push_back("GIT_DIR=" + m_folder.path().string());
    }
    [[nodiscard]] Result<ProgramResult> run(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "git");
        return run_program(arguments, m_variables, program_patience);
    }

    TemporaryFolder m_folder;
    std::vector<std::string> m_variables;
};

// What git takes where a condition holds.
Result<std::optional<OtherUse>> ask_conditions(const Surroundings& surroundings, const Git& git,
                                               const std::string& name, const std::string& value) {
    SIGNET_TRY(const auto files, git.conditional_files());
    std::istringstream lines(files);
    for (std::string line; std::getline(lines, line);) {
        constexpr std::string_view end_of_name = ".path ";
        const auto name_end = line.find(end_of_name);
        if (name_end == std::string::npos) {
            continue;
        }
        // A path without a folder begins at the file that names it, which is the home's.
        const auto file = (surroundings.home / line.substr(name_end + end_of_name.size())).string();
        SIGNET_TRY(const auto used, git.setting_in(file, name));
        if (!used.empty() && used != value) {
            return OtherUse{.cause = "git takes " + name + " = " + used + " from " + file +
                                     " in repositories where " + line.substr(0, name_end) + " holds",
                            .remedy = "remove it there, if those are to sign with signet too",
                            .verdict = Verdict::note};
        }
    }
    return std::nullopt;
}

Result<std::optional<OtherUse>> ask_git(const Surroundings& surroundings) {
    const std::pair<std::string, std::string> wanted[] = {
        {"gpg.format", "x509"},
        {"gpg.x509.program", (surroundings.installed.programs / "signet-gpgsm").string()}};
    SIGNET_TRY(const auto git, Git::make(surroundings));
    for (const auto& [name, value] : wanted) {
        SIGNET_TRY(const auto used, git.setting(name));
        if (used != value) {
            return OtherUse{
                .cause = "git takes " + name + " = " + used + " from another place",
                .remedy = "find it in a repository with: git config --show-origin --get-all " + name};
        }
    }
    for (const auto& [name, value] : wanted) {
        SIGNET_TRY(auto conditional, ask_conditions(surroundings, git, name, value));
        if (conditional) {
            return conditional;
        }
    }
    return std::nullopt;
}

// ssh minds who may write a file that another includes, and not one that is named to it. The home is the
// person's, where ssh would take that of the user database. Nothing is asked of the network.
Result<std::optional<OtherUse>> ask_ssh(const Surroundings& surroundings) {
    constexpr std::string_view field = "pkcs11provider ";
    const fs::path settings = surroundings.home / ".ssh" / "config";
    SIGNET_TRY(const auto folder, TemporaryFolder::make());
    const fs::path including = folder.path() / "config";
    SIGNET_CHECK(replace_file(including, "Include \"" + settings.string() + "\"\n", 0600));
    SIGNET_TRY(const auto result, run_program({"ssh", "-G", "-F", including.string(), "-o",
                                               "CanonicalizeHostname=no", "signet.invalid"},
                                              person_variables(surroundings), program_patience));
    if (result.status != 0) {
        const std::string diagnostics = trimmed(result.diagnostics);
        return OtherUse{
            .cause = "ssh refuses its settings: " + diagnostics.substr(0, diagnostics.find('\n')),
            .remedy = "correct " + settings.string() + "; nobody but you may write it: chmod go-w"};
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

// Those that counted when the program had read its settings: "name is set", "set name = yes", name="value".
bool uses_signet(const std::string& answer) {
    std::istringstream lines(answer);
    bool by_gpgme = false;
    bool by_signet = false;
    for (std::string line; std::getline(lines, line);) {
        by_gpgme = by_gpgme || line == "crypt_use_gpgme is set" || line == "set crypt_use_gpgme = yes";
        by_signet = by_signet || (line.find("smime_decrypt_command") != std::string::npos &&
                                  line.find("signet decrypt") != std::string::npos);
    }
    return by_signet && !by_gpgme;
}

Result<std::optional<OtherUse>> ask_mutt(const Surroundings& surroundings) {
    for (const std::string program : {"mutt", "neomutt"}) {
        if (!surroundings.program(program)) {
            continue;
        }
        SIGNET_TRY(const auto result,
                   run_program({program, "-Q", "crypt_use_gpgme", "-Q", "smime_decrypt_command"},
                               person_variables(surroundings), program_patience));
        if (!uses_signet(result.output)) {
            return OtherUse{.cause = program +
                                     " does not use it: a later line sets crypt_use_gpgme or "
                                     "smime_decrypt_command",
                            .remedy = "move what signet wrote to the end of its settings"};
        }
    }
    return std::nullopt;
}

// gpg-agent reads the machine's settings first.
Result<std::optional<OtherUse>> read_gnupg_settings(const Surroundings& surroundings) {
    const fs::path agent_settings = gnupg_home(surroundings) / "gpg-agent.conf";
    SIGNET_TRY(const auto machine, open_file(surroundings.on_machine("/etc/gnupg/gpg-agent.conf")));
    SIGNET_TRY(const auto person, open_file(agent_settings));
    const std::string agent = machine.content.value_or("") + "\n" + person.content.value_or("");
    if (option_value(agent, "disable-scdaemon")) {
        return OtherUse{.cause = "gpg-agent uses no card, by disable-scdaemon",
                        .remedy = "remove that line from " + agent_settings.string()};
    }
    const std::string program = option_value(agent, "scdaemon-program").value_or("");
    if (fs::path(program).filename() != "gnupg-pkcs11-scd") {
        return OtherUse{.cause = "gpg-agent takes scdaemon-program " + program + " from a later line",
                        .remedy = "remove that line from " + agent_settings.string()};
    }
    return std::nullopt;
}

// The session has what the file says from its start on.
Result<std::optional<OtherUse>> look_at_session(const Surroundings& surroundings) {
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
    using Question = Result<std::optional<OtherUse>> (*)(const Surroundings&);
    constexpr std::pair<ClientName, Question> questions[] = {{ClientName::gpgsm, read_gnupg_settings},
                                                             {ClientName::git, ask_git},
                                                             {ClientName::mutt, ask_mutt},
                                                             {ClientName::ssh, ask_ssh},
                                                             {ClientName::openssl, look_at_session}};
    for (const auto& [client, ask] : questions) {
        if (client_state({.client = client}, surroundings).progress != Progress::set_up) {
            continue;
        }
        if (const auto answer = ask(surroundings); answer && *answer) {
            answers.emplace(client, **answer);
        }
    }
    return answers;
}

}  // namespace signet::setup
