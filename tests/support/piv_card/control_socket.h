#pragma once

#include "base/file_descriptor.h"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace signet::test::piv_card {

// A UNIX socket on which tests say what happens to the card: each connection sends one line and gets one line
// back.
class ControlSocket {
  public:
    using Handler = std::function<std::string(std::string_view line)>;

    explicit ControlSocket(const std::filesystem::path& path);

    [[nodiscard]] int fd() const { return m_listener.get(); }
    // Takes one connection that waits, and answers it.
    void serve(const Handler& handler) const;

  private:
    FileDescriptor m_listener;
};

// The other end: sends a line and gives the answer. Throws when nobody answers.
std::string send_control_line(const std::filesystem::path& path, const std::string& line);

}  // namespace signet::test::piv_card
