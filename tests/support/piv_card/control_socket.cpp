#include "tests/support/piv_card/control_socket.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace signet::test::piv_card {
namespace {

constexpr int backlog = 16;
constexpr std::size_t longest_line = 4096;
constexpr timeval patience{5, 0};

sockaddr_un address_of(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto& text = path.native();
    if (text.size() >= sizeof(address.sun_path)) {
        throw std::system_error(ENAMETOOLONG, std::generic_category(), text);
    }
    std::memcpy(address.sun_path, text.data(), text.size());
    return address;
}

FileDescriptor new_socket() {
    return FileDescriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

std::string read_line(int fd) {
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    std::string line;
    while (line.size() < longest_line) {
        std::array<char, 256> buffer{};
        const ssize_t count = recv(fd, buffer.data(), buffer.size(), 0);
        if (count <= 0) {
            break;
        }
        line.append(buffer.data(), static_cast<std::size_t>(count));
        if (line.ends_with('\n')) {
            line.pop_back();
            break;
        }
    }
    return line;
}

void write_line(int fd, const std::string& line) {
    const auto text = line + "\n";
    if (send(fd, text.data(), text.size(), MSG_NOSIGNAL) < 0) {
        return;
    }
}

}  // namespace

ControlSocket::ControlSocket(const std::filesystem::path& path) : m_listener(new_socket()) {
    const auto address = address_of(path);
    unlink(path.c_str());
    if (bind(m_listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        listen(m_listener.get(), backlog) != 0) {
        throw std::system_error(errno, std::generic_category(), path.native());
    }
}

void ControlSocket::serve(const Handler& handler) const {
    const FileDescriptor connection(accept4(fd(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection.valid()) {
        write_line(connection.get(), handler(read_line(connection.get())));
    }
}

std::string send_control_line(const std::filesystem::path& path, const std::string& line) {
    const auto socket = new_socket();
    const auto address = address_of(path);
    if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        throw std::system_error(errno, std::generic_category(), path.native());
    }
    write_line(socket.get(), line);
    return read_line(socket.get());
}

}  // namespace signet::test::piv_card
