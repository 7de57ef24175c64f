#pragma once

#include "tests/support/subprocess.h"

#include <string>
#include <vector>

namespace signet::test {

// A program on a terminal of its own (tmux), with a person who reads and types.
class TerminalSession {
  public:
    // `folder` takes the socket of a tmux server of its own that ends with the object.
    TerminalSession(const std::string& folder, const std::vector<std::string>& command,
                    const Variables& variables);
    ~TerminalSession();
    TerminalSession(const TerminalSession&) = delete;
    TerminalSession& operator=(const TerminalSession&) = delete;

    [[nodiscard]] std::string screen() const;
    // Whether the text appears before the time is over.
    [[nodiscard]] bool shows(const std::string& text) const;
    // A key by its name ("Enter"), or text. A program that has just ended takes none.
    void type(const std::string& keys) const;
    // Whether the program comes to its end.
    [[nodiscard]] bool ends() const;

  private:
    [[nodiscard]] ProcessResult tmux(std::vector<std::string> arguments) const;

    std::string m_folder;
    std::string m_socket;
};

}  // namespace signet::test
