#include "base/environment.h"

#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>

namespace signet {
namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::string terminal() {
    if (auto named = variable("GPG_TTY"); named.starts_with("/dev/")) {
        return named;
    }
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        std::array<char, PATH_MAX> name{};
        if (ttyname_r(fd, name.data(), name.size()) == 0) {
            return name.data();
        }
    }
    return {};
}

std::string locale() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        if (auto value = variable(name); !value.empty()) {
            return value;
        }
    }
    return {};
}

}  // namespace

Environment current_environment() {
    return {.tty = terminal(),
            .terminal_type = variable("TERM"),
            .display = variable("DISPLAY"),
            .wayland_display = variable("WAYLAND_DISPLAY"),
            .xauthority = variable("XAUTHORITY"),
            .locale = locale()};
}

}  // namespace signet
