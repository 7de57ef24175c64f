#include "piv/pcscd_socket.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace signet::piv {
namespace {

constexpr const char* default_socket = "/run/pcscd/pcscd.comm";
// pcscd binds its socket and only then listens; changing the mode is the last that it does.
constexpr std::uint32_t appearance = IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

}  // namespace

std::filesystem::path PcscdSocketWatch::socket_path() {
    const char* named = std::getenv("PCSCLITE_CSOCK_NAME");
    return named != nullptr && *named == '/' ? named : default_socket;
}

Result<PcscdSocketWatch> PcscdSocketWatch::begin(const std::filesystem::path& socket) {
    FileDescriptor events(inotify_init1(IN_CLOEXEC));
    if (!events.valid()) {
        return errno_failure("inotify_init1", "", errno);
    }
    // The folder that is there and nearest to the socket.
    auto folder = socket.parent_path();
    while (inotify_add_watch(events.get(), folder.c_str(), appearance | IN_ONLYDIR) < 0) {
        if (errno != ENOENT || folder == folder.parent_path()) {
            return errno_failure("inotify_add_watch", folder.string(), errno);
        }
        folder = folder.parent_path();
    }
    return PcscdSocketWatch(std::move(events));
}

Result<void> PcscdSocketWatch::wait() {
    alignas(inotify_event) std::array<char, 4096> events{};
    ssize_t count = 0;
    do {
        count = read(m_events.get(), events.data(), events.size());
    } while (count < 0 && errno == EINTR);
    if (count <= 0) {
        return errno_failure("read", "inotify", errno);
    }
    return {};
}

}  // namespace signet::piv
