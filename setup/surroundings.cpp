#include "setup/surroundings.h"

#include "base/directories.h"

#include <pwd.h>
#include <unistd.h>

#include <string_view>
#include <system_error>

namespace signet::setup {
namespace {

namespace fs = std::filesystem;

std::map<std::string, std::string> own_environment() {
    std::map<std::string, std::string> variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        if (equals != std::string_view::npos) {
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return variables;
}

Result<fs::path> own_home(const Surroundings& surroundings) {
    if (const auto home = surroundings.variable("HOME"); home && home->front() == '/') {
        return fs::path(*home);
    }
    const passwd* entry = getpwuid(getuid());
    if (entry == nullptr || entry->pw_dir == nullptr || *entry->pw_dir != '/') {
        return failure(ErrorCode::not_found, "home directory", "neither $HOME nor the user database has one");
    }
    return fs::path(entry->pw_dir);
}

bool is_program(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
}

}  // namespace

Result<Surroundings> Surroundings::of_this_process(std::filesystem::path module) {
    Surroundings surroundings;
    surroundings.variables = own_environment();
    SIGNET_TRY(surroundings.home, own_home(surroundings));
    SIGNET_TRY(surroundings.installed.programs, executable_directory());
    surroundings.installed.module = std::move(module);
    const fs::path& programs = surroundings.installed.programs;
    surroundings.installed.mutt_settings = programs.parent_path() / "share" / "signet" / "smime.rc";
    surroundings.installed.token_host =
        is_program(programs / "signet-token")
            ? programs / "signet-token"
            : (programs / SIGNET_INSTALLED_LIBEXEC / "signet-token").lexically_normal();
    return surroundings;
}

std::optional<std::string> Surroundings::variable(const std::string& name) const {
    const auto found = variables.find(name);
    if (found == variables.end() || found->second.empty()) {
        return std::nullopt;
    }
    return found->second;
}

fs::path Surroundings::on_machine(const fs::path& path) const {
    return root / path.relative_path();
}

fs::path Surroundings::folder(const std::string& name, const std::string& below_home) const {
    const auto value = variable(name);
    return value && value->front() == '/' ? fs::path(*value) : home / below_home;
}

std::optional<fs::path> Surroundings::program(const std::string& name) const {
    const std::string search = variable("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
    for (std::size_t begin = 0; begin <= search.size();) {
        const std::size_t end = std::min(search.find(':', begin), search.size());
        const fs::path folder = search.substr(begin, end - begin);
        if (folder.is_absolute() && is_program(on_machine(folder / name))) {
            return folder / name;
        }
        begin = end + 1;
    }
    return std::nullopt;
}

}  // namespace signet::setup
