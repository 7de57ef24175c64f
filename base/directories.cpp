#include "base/directories.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace signet {
namespace {

Result<std::filesystem::path> home_directory() {
    const char* home = std::getenv("HOME");
    if (home != nullptr && *home == '/') {
        return std::filesystem::path(home);
    }
    const passwd* entry = getpwuid(getuid());
    if (entry == nullptr || entry->pw_dir == nullptr || *entry->pw_dir != '/') {
        return failure(ErrorCode::not_found, "home directory", "neither $HOME nor the user database has one");
    }
    return std::filesystem::path(entry->pw_dir);
}

// The specification says that relative values are to be ignored.
Result<std::filesystem::path> xdg_directory(const char* variable, const char* below_home) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value == '/') {
        return std::filesystem::path(value) / "signet";
    }
    SIGNET_TRY(const auto home, home_directory());
    return home / below_home / "signet";
}

}  // namespace

Result<std::filesystem::path> agent_socket_path() {
    if (const char* socket = std::getenv("SIGNET_SOCKET"); socket != nullptr) {
        if (*socket == '\0') {
            return failure(ErrorCode::agent_unavailable, "SIGNET_SOCKET", "set to nothing");
        }
        return std::filesystem::path(socket);
    }
    return runtime_directory() / "agent.sock";
}

std::filesystem::path runtime_directory() {
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    const std::filesystem::path base =
        runtime != nullptr && *runtime == '/' ? runtime : "/run/user/" + std::to_string(getuid());
    return base / "signet";
}

Result<std::filesystem::path> state_directory() {
    return xdg_directory("XDG_STATE_HOME", ".local/state");
}

Result<std::filesystem::path> cache_directory() {
    return xdg_directory("XDG_CACHE_HOME", ".cache");
}

Result<std::filesystem::path> config_directory() {
    return xdg_directory("XDG_CONFIG_HOME", ".config");
}

Result<void> make_private_directory(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return errno_failure("mkdir", path.string(), errno);
    }
    struct stat info {};
    if (lstat(path.c_str(), &info) != 0) {
        return errno_failure("stat", path.string(), errno);
    }
    if (!S_ISDIR(info.st_mode) || info.st_uid != geteuid() || (info.st_mode & 077) != 0) {
        return failure(ErrorCode::not_allowed, "mkdir",
                       path.string() + ": must be a folder of yours with mode 0700");
    }
    return {};
}

Result<std::filesystem::path> executable_directory() {
    std::error_code error;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) {
        return errno_failure("readlink", "/proc/self/exe", error.value());
    }
    return path.parent_path();
}

Result<std::string> own_program(const std::string& name, const std::string& installed) {
    SIGNET_TRY(const auto folder, executable_directory());
    const auto beside = folder / name;
    const auto in_place = (folder / installed / name).lexically_normal();
    for (const auto& candidate : {beside, in_place}) {
        if (access(candidate.c_str(), X_OK) == 0) {
            return candidate.string();
        }
    }
    return failure(ErrorCode::not_found, name,
                   "neither at " + beside.string() + " nor at " + in_place.string());
}

}  // namespace signet
