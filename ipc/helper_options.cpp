#include "ipc/helper_options.h"

#include <fcntl.h>

#include <cerrno>
#include <charconv>
#include <string>
#include <string_view>

namespace signet::ipc {
namespace {

Failure wrong(std::string detail) {
    return failure(ErrorCode::configuration, "command line", std::move(detail));
}

Result<int> parse_socket(std::string_view text) {
    constexpr int first_inherited = 3;
    constexpr int highest = 1 << 20;
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < first_inherited ||
        number > highest) {
        return wrong("not a socket: " + std::string(text));
    }
    return number;
}

Result<std::vector<int>> parse_sockets(std::string_view text) {
    std::vector<int> sockets;
    for (;;) {
        const std::size_t comma = text.find(',');
        SIGNET_TRY(const int socket, parse_socket(text.substr(0, comma)));
        sockets.push_back(socket);
        if (comma == std::string_view::npos) {
            return sockets;
        }
        text.remove_prefix(comma + 1);
    }
}

Result<log::Level> parse_level(std::string_view name) {
    const auto level = log::level_named(name);
    if (!level) {
        return wrong("unknown log level: " + std::string(name));
    }
    return *level;
}

}  // namespace

Result<void> apply_helper_option(HelperOptions& options, int letter, const char* value) {
    switch (letter) {
        case 's': {
            SIGNET_TRY(options.sockets, parse_sockets(value));
            return {};
        }
        case 'l': {
            SIGNET_TRY(options.log_level, parse_level(value));
            return {};
        }
        case 'h':
            options.help = true;
            return {};
        case 'V':
            options.version = true;
            return {};
        default:
            return wrong("unknown option, or one without its value");
    }
}

Result<std::vector<FileDescriptor>> take_over_sockets(const HelperOptions& options) {
    std::vector<FileDescriptor> sockets;
    for (const int number : options.sockets) {
        if (fcntl(number, F_SETFD, FD_CLOEXEC) != 0) {
            return errno_failure("--sockets", std::to_string(number), errno);
        }
        sockets.emplace_back(number);
    }
    return sockets;
}

}  // namespace signet::ipc
