#include "base/file_descriptor.h"

#include "base/whole_file.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace signet {

FileDescriptor::~FileDescriptor() {
    close();
}

void FileDescriptor::close() {
    if (m_fd >= 0) {
        ::close(std::exchange(m_fd, -1));
    }
}

Result<Pipe> make_pipe() {
    std::array<int, 2> fds{};
    if (pipe2(fds.data(), O_CLOEXEC) != 0) {
        return errno_failure("pipe2", {}, errno);
    }
    return Pipe{FileDescriptor(fds[0]), FileDescriptor(fds[1])};
}

Result<SocketPair> make_socket_pair() {
    std::array<int, 2> fds{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) {
        return errno_failure("socketpair", {}, errno);
    }
    return SocketPair{FileDescriptor(fds[0]), FileDescriptor(fds[1])};
}

Result<void> write_all(int descriptor, std::string_view octets, const std::string& name) {
    while (!octets.empty()) {
        const ssize_t count = write(descriptor, octets.data(), octets.size());
        if (count < 0 && errno != EINTR) {
            return errno_failure("write to", name, errno);
        }
        octets.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    return {};
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    const FileDescriptor file(path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) {
        return errno_failure("open", path.empty() ? "''" : path, errno);
    }
    return read_whole(file, limit, path);
}

}  // namespace signet
