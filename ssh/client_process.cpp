#include "ssh/client_process.h"

#include "base/file_descriptor.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace signet::ssh {
namespace {

// An environment that is larger is left alone.
constexpr std::size_t max_environment_size = std::size_t{256} << 10;

// Of one variable in the octets of /proc/PID/environ; empty when it is not set.
std::string variable(std::string_view variables, std::string_view name) {
    while (!variables.empty()) {
        const std::string_view entry = variables.substr(0, variables.find('\0'));
        if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') {
            return std::string(entry.substr(name.size() + 1));
        }
        variables.remove_prefix(std::min(entry.size() + 1, variables.size()));
    }
    return {};
}

std::string first_of(std::string_view variables, std::initializer_list<std::string_view> names) {
    for (const auto name : names) {
        if (auto value = variable(variables, name); !value.empty()) {
            return value;
        }
    }
    return {};
}

bool is_terminal(const std::string& path) {
    return path.starts_with("/dev/pts/") || path.starts_with("/dev/tty");
}

std::string terminal_of(const std::filesystem::path& process) {
    for (const char* stream : {"0", "1", "2"}) {
        std::error_code error;
        const auto target = std::filesystem::read_symlink(process / "fd" / stream, error);
        if (!error && is_terminal(target.string())) {
            return target.string();
        }
    }
    return {};
}

Environment read_environment(pid_t process) {
    const std::filesystem::path folder = "/proc/" + std::to_string(process);
    const auto variables = read_file((folder / "environ").string(), max_environment_size);
    if (!variables) {
        return {};
    }
    Environment environment{.tty = variable(*variables, "GPG_TTY"),
                            .terminal_type = variable(*variables, "TERM"),
                            .display = variable(*variables, "DISPLAY"),
                            .wayland_display = variable(*variables, "WAYLAND_DISPLAY"),
                            .xauthority = variable(*variables, "XAUTHORITY"),
                            .locale = first_of(*variables, {"LC_ALL", "LC_CTYPE", "LANG"})};
    if (environment.tty.empty()) {
        environment.tty = terminal_of(folder);
    }
    return environment;
}

}  // namespace

Result<pid_t> client_process(int socket) {
    ucred peer{};
    socklen_t length = sizeof(peer);
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) {
        return errno_failure("getsockopt", "SO_PEERCRED", errno);
    }
    if (peer.uid != geteuid()) {
        return failure(ErrorCode::not_allowed, "accept", "a process of user " + std::to_string(peer.uid));
    }
    return peer.pid;
}

Environment environment_of(pid_t process, Terminal terminal) {
    const auto usable = [terminal](Environment environment) {
        if (terminal == Terminal::in_use) {
            environment.tty.clear();
        }
        return environment;
    };
    Environment environment = usable(read_environment(process));
    const bool has_place =
        !environment.tty.empty() || !environment.display.empty() || !environment.wayland_display.empty();
    return has_place ? environment : usable(current_environment());
}

}  // namespace signet::ssh
