#include "base/file_descriptor.h"

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

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    const FileDescriptor file(path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) {
        return errno_failure("open", path, errno);
    }
    std::string content;
    std::array<char, 65536> buffer{};
    for (;;) {
        const ssize_t count = read(file.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return errno_failure("read", path, errno);
        }
        if (count == 0) {
            return content;
        }
        if (content.size() + static_cast<std::size_t>(count) > limit) {
            return failure(ErrorCode::too_large, "read",
                           path + ": longer than " + std::to_string(limit) + " octets");
        }
        content.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

}  // namespace signet
