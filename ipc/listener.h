#pragma once

#include "base/file_descriptor.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace signet::ipc {

// A listening socket that systemd handed over (LISTEN_FDS), with its FileDescriptorName= ("unknown" without).
struct PassedSocket {
    std::string name;
    FileDescriptor socket;
};
// Once, since it takes them. Any that is not a listening Unix stream socket is configuration.
Result<std::vector<PassedSocket>> take_passed_sockets();

// For a process that cannot serve: takes the sockets that systemd handed over, if any, and closes for a few
// seconds each connection to them. A connection left waiting would start the process again and again, until
// systemd gives the socket up. Asks `mended` before each; true leaves the connection to the next process, and
// returns.
void turn_clients_away(const std::function<bool()>& mended);

// The socket on which an agent listens: handed over by systemd, or made here.
class Listener {
  public:
    // The only socket from systemd, and `path` is not used then; else as make().
    static Result<Listener> open(const std::optional<std::filesystem::path>& path);
    // Makes the socket at `path`, 0600, in a folder that is closed to others; one that an ended agent left is
    // taken over, and where another agent runs the answer is not_allowed with its pid.
    static Result<Listener> make(const std::filesystem::path& path);
    // From systemd.
    explicit Listener(FileDescriptor passed) : m_socket(std::move(passed)) {}

    Listener(Listener&&) = default;
    Listener& operator=(Listener&&) = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    // Removes the socket that was made here.
    ~Listener();

    // The listening socket, once.
    FileDescriptor take_socket() { return std::move(m_socket); }
    [[nodiscard]] bool activated_by_systemd() const { return m_path.empty(); }

  private:
    Listener() = default;

    FileDescriptor m_socket;
    FileDescriptor m_lock;         // held as long as the process lives
    std::filesystem::path m_path;  // empty for a socket from systemd
};

}  // namespace signet::ipc
