#pragma once

#include "base/file_descriptor.h"

#include <filesystem>
#include <optional>

namespace signet::agent {

// The socket on which the agent listens: handed over by systemd, or made here.
class Listener {
  public:
    // With a socket from systemd (LISTEN_FDS) `path` is not used. Else the socket is made at `path`, 0600, in
    // a folder that is closed to others; one that an ended agent left is taken over, and where another agent
    // runs the answer is not_allowed with its pid.
    static Result<Listener> open(const std::optional<std::filesystem::path>& path);

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
    FileDescriptor m_lock;         // held as long as the agent lives
    std::filesystem::path m_path;  // empty for a socket from systemd
};

}  // namespace signet::agent
