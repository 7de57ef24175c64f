#include "ipc/listener.h"

#include "base/directories.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

namespace signet::ipc {
namespace {

constexpr int listen_backlog = 4096;
// systemd gives a socket up whose service was started five times in ten seconds.
constexpr std::chrono::seconds time_to_turn_away{3};

std::string lock_holder(int lock) {
    std::array<char, 32> text{};
    const ssize_t length = pread(lock, text.data(), text.size() - 1, 0);
    std::string pid(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    pid.erase(pid.find_last_not_of("\n ") + 1);
    return pid.empty() ? "unknown" : pid;
}

// The lock, not the socket file, says whether an agent lives: it goes with the process however that ends.
Result<FileDescriptor> lock_socket(const std::filesystem::path& socket_path) {
    const std::string path = socket_path.string() + ".lock";
    FileDescriptor lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock.valid()) {
        return errno_failure("open", path, errno);
    }
    if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        return failure(
            ErrorCode::not_allowed, "listen",
            "an agent (pid " + lock_holder(lock.get()) + ") already listens on " + socket_path.string());
    }
    const std::string pid = std::to_string(getpid()) + "\n";
    if (ftruncate(lock.get(), 0) != 0 || pwrite(lock.get(), pid.data(), pid.size(), 0) < 0) {
        return errno_failure("write", path, errno);
    }
    return lock;
}

FileDescriptor new_socket() {
    return FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

// One that systemd holds has no lock, but somebody to answer.
Result<void> check_nobody_answers(const sockaddr_un& address, const std::string& path) {
    const FileDescriptor probe = new_socket();
    if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ||
        errno == EAGAIN) {
        return failure(ErrorCode::not_allowed, "listen", "another process already listens on " + path);
    }
    return {};
}

Result<FileDescriptor> bind_socket(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string text = path.string();
    if (text.size() >= sizeof(address.sun_path)) {
        return failure(ErrorCode::configuration, "bind", text + ": path too long for a socket");
    }
    std::memcpy(address.sun_path, text.data(), text.size());
    SIGNET_CHECK(check_nobody_answers(address, text));
    FileDescriptor socket = new_socket();
    if (!socket.valid()) {
        return errno_failure("socket", {}, errno);
    }
    if (unlink(text.c_str()) != 0 && errno != ENOENT) {
        return errno_failure("unlink", text, errno);
    }
    const mode_t before = umask(0177);
    const int bound = bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    const int bind_error = errno;
    umask(before);
    if (bound != 0) {
        return errno_failure("bind", text, bind_error);
    }
    if (listen(socket.get(), listen_backlog) != 0) {
        return errno_failure("listen", text, errno);
    }
    return socket;
}

}  // namespace

Result<std::vector<PassedSocket>> take_passed_sockets() {
    char** names = nullptr;
    const int count = sd_listen_fds_with_names(1, &names);
    std::vector<PassedSocket> passed;
    for (int i = 0; i < count; ++i) {
        passed.push_back({.name = names[i], .socket = FileDescriptor(SD_LISTEN_FDS_START + i)});
        std::free(names[i]);
    }
    std::free(names);
    for (const auto& [name, socket] : passed) {
        if (sd_is_socket_unix(socket.get(), SOCK_STREAM, 1, nullptr, 0) <= 0) {
            return failure(ErrorCode::configuration, "socket activation",
                           "the passed descriptor is not a listening Unix stream socket");
        }
        fcntl(socket.get(), F_SETFL, fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
    }
    return passed;
}

void turn_clients_away(const std::function<bool()>& mended) {
    const auto passed = take_passed_sockets();
    std::vector<pollfd> waiting;
    if (passed) {
        for (const auto& entry : *passed) {
            waiting.push_back({.fd = entry.socket.get(), .events = POLLIN, .revents = 0});
        }
    }
    const auto end = std::chrono::steady_clock::now() + time_to_turn_away;
    while (!waiting.empty()) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) {
            return;
        }
        if (poll(waiting.data(), waiting.size(), static_cast<int>(left.count())) <= 0) {
            continue;
        }
        if (mended()) {
            return;
        }
        for (const auto& entry : waiting) {
            FileDescriptor(accept4(entry.fd, nullptr, nullptr, SOCK_CLOEXEC)).close();
        }
    }
}

Result<Listener> Listener::open(const std::optional<std::filesystem::path>& path) {
    SIGNET_TRY(auto passed, take_passed_sockets());
    if (passed.size() > 1) {
        return failure(ErrorCode::configuration, "socket activation",
                       "one socket is expected, systemd passed " + std::to_string(passed.size()));
    }
    if (passed.size() == 1) {
        return Listener(std::move(passed.front().socket));
    }
    if (path) {
        return make(std::filesystem::absolute(*path));
    }
    SIGNET_TRY(const auto agent_socket, agent_socket_path());
    return make(agent_socket);
}

Result<Listener> Listener::make(const std::filesystem::path& path) {
    Listener listener;
    SIGNET_CHECK(make_private_directory(path.parent_path()));
    SIGNET_TRY(listener.m_lock, lock_socket(path));
    SIGNET_TRY(listener.m_socket, bind_socket(path));
    listener.m_path = path;
    return listener;
}

Listener::~Listener() {
    if (!m_path.empty()) {
        unlink(m_path.c_str());
    }
}

}  // namespace signet::ipc
