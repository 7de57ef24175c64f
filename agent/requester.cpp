#include "agent/requester.h"

#include "base/bytes.h"
#include "base/file_descriptor.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace signet::agent {
namespace {

// Longest value that is handed on to pinentry: a path.
constexpr std::size_t max_value_size = 4096;

// Longest purpose that is shown; a prompt has few lines.
constexpr std::size_t max_purpose_size = 256;

std::string program_of(pid_t pid) {
    const std::string folder = "/proc/" + std::to_string(pid);
    std::error_code error;
    const auto executable = std::filesystem::read_symlink(folder + "/exe", error);
    if (!error) {
        return printable_utf8(executable.string());
    }
    auto name = read_file(folder + "/comm", 256);
    if (!name) {
        return "unknown program";
    }
    name->erase(std::remove(name->begin(), name->end(), '\n'), name->end());
    return printable_utf8(*name);
}

std::string named(const std::string& program, pid_t pid) {
    return std::filesystem::path(program).filename().string() + " (pid " + std::to_string(pid) + ")";
}

std::string clean(const std::string& value) {
    return value.size() <= max_value_size && printable_utf8(value) == value ? value : std::string();
}

}  // namespace

std::string Requester::description() const {
    return (client.empty() ? std::string() : client + " through ") + named(program, pid);
}

std::string Requester::asker() const {
    return client.empty() ? program : description();
}

Requester make_requester(const ipc::Peer& peer, const std::optional<Environment>& environment,
                         const ipc::Asking& asking) {
    Requester requester{.program = program_of(peer.pid), .pid = peer.pid, .environment = {}};
    if (environment) {
        requester.environment = {.tty = clean(environment->tty),
                                 .terminal_type = clean(environment->terminal_type),
                                 .display = clean(environment->display),
                                 .wayland_display = clean(environment->wayland_display),
                                 .xauthority = clean(environment->xauthority),
                                 .locale = clean(environment->locale)};
    }
    if (asking.on_behalf_of) {
        const auto client = static_cast<pid_t>(*asking.on_behalf_of);
        requester.client = named(program_of(client), client);
    }
    requester.purpose = printable_utf8(std::string_view(asking.purpose).substr(0, max_purpose_size));
    return requester;
}

}  // namespace signet::agent
