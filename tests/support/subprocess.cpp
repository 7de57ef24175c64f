#include "tests/support/subprocess.h"

#include "base/file_descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

extern char** environ;  // NOLINT: named by POSIX

namespace signet::test {
namespace {

int exit_status(int wait_status) {
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

std::vector<std::string> environment_with(const Variables& variables) {
    std::vector<std::string> result;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        if (!variables.contains(text.substr(0, text.find('=')))) {
            result.push_back(text);
        }
    }
    for (const auto& [name, value] : variables) {
        result.push_back(name + "=" + value);
    }
    return result;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts) {
        result.push_back(text.data());
    }
    result.push_back(nullptr);
    return result;
}

struct Streams {
    int input;
    int output;
    int error_output;
};

pid_t start(std::vector<std::string> arguments, const Variables& variables, const std::string& directory,
            Streams streams) {
    auto environment = environment_with(variables);
    const auto argument_pointers = pointers(arguments);
    const auto environment_pointers = pointers(environment);
    const pid_t pid = fork();
    if (pid < 0) {
        throw std::system_error(errno, std::generic_category(), "fork");
    }
    if (pid == 0) {
        if (!directory.empty() && chdir(directory.c_str()) != 0) {
            _exit(126);
        }
        dup2(streams.input, STDIN_FILENO);
        dup2(streams.output, STDOUT_FILENO);
        dup2(streams.error_output, STDERR_FILENO);
        environ = const_cast<char**>(environment_pointers.data());
        execvp(argument_pointers[0], argument_pointers.data());
        _exit(127);
    }
    return pid;
}

Pipe new_pipe() {
    auto pipe = make_pipe();
    if (!pipe) {
        throw std::runtime_error(pipe.error().detail);
    }
    return std::move(*pipe);
}

// Moves up to a buffer's worth; closes the descriptor at the end of the stream.
void pump_out(FileDescriptor& source, std::string& sink) {
    std::array<char, 65536> buffer{};
    const ssize_t count = read(source.get(), buffer.data(), buffer.size());
    if (count > 0) {
        sink.append(buffer.data(), static_cast<std::size_t>(count));
    } else {
        source.close();
    }
}

void pump_in(FileDescriptor& sink, const std::string& source, std::size_t& position) {
    const ssize_t count = write(sink.get(), source.data() + position, source.size() - position);
    if (count > 0) {
        position += static_cast<std::size_t>(count);
    }
    if (count < 0 || position == source.size()) {
        sink.close();
    }
}

bool wait_until(pid_t pid, int& status, std::chrono::steady_clock::time_point end) {
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

}  // namespace

ProcessResult run(const std::vector<std::string>& arguments, const RunOptions& options) {
    signal(SIGPIPE, SIG_IGN);
    auto input = new_pipe();
    auto output = new_pipe();
    auto error_output = new_pipe();
    const pid_t pid = start(arguments, options.variables, options.working_directory,
                            {input.read_end.get(), output.write_end.get(), error_output.write_end.get()});
    input.read_end.close();
    output.write_end.close();
    error_output.write_end.close();
    fcntl(input.write_end.get(), F_SETFL, O_NONBLOCK);
    ProcessResult result;
    std::size_t position = 0;
    if (options.input.empty()) {
        input.write_end.close();
    }
    const auto end = std::chrono::steady_clock::now() + options.timeout;
    while (output.read_end.valid() || error_output.read_end.valid()) {
        std::array<pollfd, 3> entries{pollfd{output.read_end.get(), POLLIN, 0},
                                      pollfd{error_output.read_end.get(), POLLIN, 0},
                                      pollfd{input.write_end.get(), POLLOUT, 0}};
        poll(entries.data(), entries.size(), 100);
        if (entries[0].revents != 0) {
            pump_out(output.read_end, result.output);
        }
        if (entries[1].revents != 0) {
            pump_out(error_output.read_end, result.error_output);
        }
        if (entries[2].revents != 0) {
            pump_in(input.write_end, options.input, position);
        }
        if (std::chrono::steady_clock::now() > end) {
            break;
        }
    }
    int status = 0;
    if (!wait_until(pid, status, end)) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
    }
    result.exit_status = exit_status(status);
    expect_no_sanitizer_report(result.error_output);
    return result;
}

std::string run_checked(const std::vector<std::string>& arguments, const RunOptions& options) {
    auto result = run(arguments, options);
    if (result.exit_status != 0) {
        std::string command;
        for (const auto& argument : arguments) {
            command += argument + " ";
        }
        throw std::runtime_error(command + "ended with " + std::to_string(result.exit_status) + ": " +
                                 result.error_output + result.output);
    }
    return std::move(result.output);
}

BackgroundProcess::BackgroundProcess(const std::vector<std::string>& arguments, const Variables& variables,
                                     const std::string& log_path) {
    const FileDescriptor nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
    const FileDescriptor log(open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    m_pid = start(arguments, variables, {}, {nothing.get(), log.get(), log.get()});
}

BackgroundProcess::~BackgroundProcess() {
    stop();
}

bool BackgroundProcess::running() {
    if (m_pid > 0 && waitpid(m_pid, &m_status, WNOHANG) == m_pid) {
        m_pid = -1;
    }
    return m_pid > 0;
}

void BackgroundProcess::signal(int number) const {
    if (m_pid > 0) {
        kill(m_pid, number);
    }
}

int BackgroundProcess::stop(int signal_number) {
    signal(signal_number);
    return wait(std::chrono::seconds(30));
}

int BackgroundProcess::wait(std::chrono::seconds timeout) {
    if (m_pid > 0) {
        if (!wait_until(m_pid, m_status, std::chrono::steady_clock::now() + timeout)) {
            kill(m_pid, SIGKILL);
            waitpid(m_pid, &m_status, 0);
        }
        m_pid = -1;
    }
    return exit_status(m_status);
}

void expect_no_sanitizer_report(const std::string& log) {
    EXPECT_TRUE(log.find("Sanitizer:") == std::string::npos &&
                log.find("runtime error:") == std::string::npos)
        << log;
}

}  // namespace signet::test
