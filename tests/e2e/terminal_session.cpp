#include "tests/e2e/terminal_session.h"

#include <stdexcept>

namespace signet::test {
namespace {

// One that ends still has its socket for a moment.
std::string new_socket(const std::string& folder) {
    static int number = 0;
    return folder + "/tmux-" + std::to_string(++number);
}

}  // namespace

TerminalSession::TerminalSession(const std::string& folder, const std::vector<std::string>& command,
                                 const Variables& variables)
    : m_folder(folder), m_socket(new_socket(folder)) {
    std::vector<std::string> arguments{"-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40"};
    arguments.insert(arguments.end(), command.begin(), command.end());
    arguments.insert(arguments.begin(), {"tmux", "-S", m_socket});
    Variables all = variables;
    all.insert({"TERM", "xterm"});
    const auto started = run(arguments, {.variables = all, .working_directory = m_folder});
    if (started.exit_status != 0) {
        throw std::runtime_error("tmux: " + started.error_output);
    }
}

TerminalSession::~TerminalSession() {
    (void)tmux({"kill-server"}).exit_status;
}

ProcessResult TerminalSession::tmux(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"tmux", "-S", m_socket});
    return run(arguments, {.variables = {{"TERM", "xterm"}}, .working_directory = m_folder});
}

std::string TerminalSession::screen() const {
    return tmux({"capture-pane", "-p"}).output;
}

bool TerminalSession::shows(const std::string& text) const {
    return eventually([this, &text] { return screen().find(text) != std::string::npos; });
}

void TerminalSession::type(const std::string& keys) const {
    (void)tmux({"send-keys", keys}).exit_status;
}

bool TerminalSession::ends() const {
    return eventually([this] { return tmux({"has-session"}).exit_status != 0; });
}

}  // namespace signet::test
