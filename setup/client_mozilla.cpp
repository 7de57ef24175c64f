#include "setup/client.h"
#include "setup/files.h"
#include "setup/processes.h"
#include "setup/text.h"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <system_error>

namespace signet::setup {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_lines = 10'000;

struct Mozilla {
    const char* title;
    std::vector<fs::path> folders;       // of profiles
    std::vector<fs::path> sandboxes;     // the same, of flatpak and snap
    const char* policies;                // of the machine
    std::vector<const char*> inherited;  // policies that count where the file before is not there
};

Mozilla mozilla(ClientName client, const Surroundings& surroundings) {
    if (client == ClientName::thunderbird) {
        return {.title = "Thunderbird",
                .folders = {surroundings.home / ".thunderbird"},
                .sandboxes = {surroundings.home / ".var/app/org.mozilla.Thunderbird/.thunderbird",
                              surroundings.home / "snap/thunderbird/common/.thunderbird"},
                .policies = "/etc/thunderbird/policies/policies.json",
                .inherited = {"/usr/lib/thunderbird/distribution/policies.json"}};
    }
    return {.title = "Firefox",
            // Newer ones make the second, unless the first is there.
            .folders = {surroundings.home / ".mozilla" / "firefox",
                        surroundings.config_home() / "mozilla" / "firefox"},
            .sandboxes = {surroundings.home / ".var/app/org.mozilla.firefox/.mozilla/firefox",
                          surroundings.home / "snap/firefox/common/.mozilla/firefox"},
            .policies = "/etc/firefox/policies/policies.json",
            .inherited = {"/usr/lib/firefox-esr/distribution/policies.json",
                          "/usr/lib/firefox/distribution/policies.json"}};
}

// The folders that profiles.ini names.
std::vector<fs::path> profiles_in(const fs::path& folder, const std::string& text) {
    std::vector<fs::path> profiles;
    std::istringstream lines(text);
    bool in_profile = false;
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line) && ++count <= max_lines;) {
        constexpr std::string_view path_field = "Path=";
        line = trimmed(line);
        if (line.starts_with("[")) {
            in_profile = line.starts_with("[Profile");
        } else if (in_profile && line.starts_with(path_field)) {
            // An absolute path stays what it is.
            profiles.push_back(folder / line.substr(path_field.size()));
        }
    }
    return profiles;
}

// The link of a program that crashed stays, and its number may be another process's by now. What nobody may
// look at is taken for the program.
bool has_open(const fs::path& profile, int pid, const Surroundings& surroundings) {
    std::error_code ignored;
    const std::string folder = fs::weakly_canonical(profile, ignored).string() + "/";
    const auto files = open_files(surroundings, pid);
    return files.empty() || std::any_of(files.begin(), files.end(),
                                        [&folder](const auto& file) { return file.starts_with(folder); });
}

// "127.0.1.1:+4711", where the link of a running program leads.
std::string user_of(const fs::path& profile, const Surroundings& surroundings) {
    std::error_code error;
    const std::string lock = fs::read_symlink(profile / "lock", error).string();
    const auto plus = lock.rfind('+');
    int pid = 0;
    if (error || plus == std::string::npos ||
        std::from_chars(lock.data() + plus + 1, lock.data() + lock.size(), pid).ec != std::errc()) {
        return {};
    }
    const bool runs = fs::exists(surroundings.on_machine("/proc") / std::to_string(pid), error) &&
                      has_open(profile, pid, surroundings);
    return runs ? std::to_string(pid) : "";
}

Result<void> add_profiles(Client& client, const fs::path& folder, const Mozilla& program,
                          const Surroundings& surroundings) {
    SIGNET_TRY(const auto list, open_file(folder / "profiles.ini"));
    std::error_code ignored;
    for (const auto& profile : profiles_in(folder, list.content.value_or(""))) {
        const fs::path modules = profile / "pkcs11.txt";
        if (!fs::exists(modules, ignored)) {
            continue;
        }
        client.parts.push_back({.file = modules, .edit = NssModule{surroundings.installed.module.string()}});
        if (const auto pid = user_of(profile, surroundings); !pid.empty()) {
            client.in_use = std::string(program.title) + " is running (process " + pid + "): close it first";
        }
    }
    return {};
}

// What to know of one that a sandbox keeps from modules of the machine; empty where there is none.
std::string sandbox_note(const Mozilla& program) {
    std::error_code ignored;
    for (const auto& folder : program.sandboxes) {
        if (fs::exists(folder / "profiles.ini", ignored)) {
            return std::string(program.title) + " with profiles in " + folder.string() +
                   " runs in a sandbox and cannot load the module: use the one of the distribution's "
                   "packages";
        }
    }
    return {};
}

Result<Client> describe_profiles(const Mozilla& program, const Surroundings& surroundings) {
    Client client;
    std::string searched;
    for (const auto& folder : program.folders) {
        SIGNET_CHECK(add_profiles(client, folder, program, surroundings));
        searched += (searched.empty() ? "" : " or ") + folder.string();
    }
    const std::string sandboxed = sandbox_note(program);
    if (client.parts.empty()) {
        return failure(ErrorCode::not_found, "profile",
                       std::string(program.title) + " has no profile in " + searched +
                           ": start it once, close it, and run this again; or use --system" +
                           (sandboxed.empty() ? "" : "; " + sandboxed));
    }
    if (!sandboxed.empty()) {
        client.notes.push_back(sandboxed);
    }
    return client;
}

Result<Client> describe_policies(const Mozilla& program, const Surroundings& surroundings) {
    std::string inherited;
    for (const char* file : program.inherited) {
        SIGNET_TRY(const auto opened, open_file(surroundings.on_machine(file)));
        if (inherited.empty()) {
            inherited = opened.content.value_or("");
        }
    }
    Client client;
    client.parts.push_back({.file = surroundings.on_machine(program.policies),
                            .edit = PolicyDevice{.module = surroundings.installed.module.string(),
                                                 .inherited = std::move(inherited)}});
    client.notes.push_back("for everybody on this machine, when " + std::string(program.title) +
                           " starts anew");
    return client;
}

}  // namespace

Result<Client> describe_mozilla(const Choice& choice, const Surroundings& surroundings) {
    const Mozilla program = mozilla(choice.client, surroundings);
    SIGNET_TRY(auto client, choice.system ? describe_policies(program, surroundings)
                                          : describe_profiles(program, surroundings));
    if (choice.client == ClientName::thunderbird) {
        client.notes.emplace_back(
            "choose the certificates in Account Settings, End-To-End Encryption, S/MIME; import the "
            "authorities "
            "that you trust in Settings, Privacy & Security, Certificates");
    }
    return client;
}

}  // namespace signet::setup
