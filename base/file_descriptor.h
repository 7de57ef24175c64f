#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <utility>

namespace signet {

// Owns one file descriptor. Move-only; closes when it goes.
class FileDescriptor {
  public:
    FileDescriptor() = default;
    explicit FileDescriptor(int fd) : m_fd(fd) {}
    FileDescriptor(FileDescriptor&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(m_fd, other.m_fd);
        return *this;
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor();

    [[nodiscard]] int get() const { return m_fd; }
    [[nodiscard]] bool valid() const { return m_fd >= 0; }
    int release() { return std::exchange(m_fd, -1); }
    void close();

  private:
    int m_fd = -1;
};

struct Pipe {
    FileDescriptor read_end;
    FileDescriptor write_end;
};
// Both ends close on exec.
Result<Pipe> make_pipe();

struct SocketPair {
    FileDescriptor first;
    FileDescriptor second;
};
// AF_UNIX stream sockets that close on exec.
Result<SocketPair> make_socket_pair();

// All of it, to a descriptor that blocks; `name` is for the error.
Result<void> write_all(int descriptor, std::string_view octets, const std::string& name);

// The whole of a file, refused as too_large beyond `limit` octets. "-" is standard input.
Result<std::string> read_file(const std::string& path, std::size_t limit);

}  // namespace signet
