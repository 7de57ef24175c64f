#include "setup/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

namespace signet::setup {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t max_output = std::size_t{4} << 20;

class SpawnActions {
  public:
    SpawnActions() { posix_spawn_file_actions_init(&m_actions); }
    ~SpawnActions() { posix_spawn_file_actions_destroy(&m_actions); }
    SpawnActions(const SpawnActions&) = delete;
    SpawnActions& operator=(const SpawnActions&) = delete;
    void pass(int own, int number) { posix_spawn_file_actions_adddup2(&m_actions, own, number); }
    void read_nothing() {
        posix_spawn_file_actions_addopen(&m_actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &m_actions; }

  private:
    posix_spawn_file_actions_t m_actions{};
};

std::string variable_name(const std::string& entry) {
    return entry.substr(0, entry.find('=') + 1);
}

std::vector<std::string> environment_with(const std::vector<std::string>& changes) {
    std::vector<std::string> entries = changes;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        bool changed = false;
        for (const auto& change : changes) {
            changed = changed || std::string(*entry).starts_with(variable_name(change));
        }
        if (!changed) {
            entries.emplace_back(*entry);
        }
    }
    return entries;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (const auto& text : texts) {
        result.push_back(const_cast<char*>(text.c_str()));
    }
    result.push_back(nullptr);
    return result;
}

// False at the end of the stream.
Result<bool> take_from(Stream& stream, const std::string& name) {
    std::array<char, 4096> buffer{};
    const ssize_t count = read(stream.descriptor.get(), buffer.data(), buffer.size());
    if (count < 0) {
        return errno == EINTR ? Result<bool>(true) : errno_failure("read from", name, errno);
    }
    if (stream.text.size() + static_cast<std::size_t>(count) > max_output) {
        return failure(ErrorCode::too_large, "run", name + ": it does not stop to talk");
    }
    stream.text.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
}

bool is_open(const Stream& stream) {
    return stream.descriptor.valid();
}

// Waits until one of them has something, and takes it.
Result<void> take_some(std::span<Stream> streams, const std::string& name, std::chrono::milliseconds left) {
    std::vector<pollfd> polled;
    for (const auto& stream : streams) {
        polled.push_back({.fd = stream.descriptor.get(), .events = POLLIN, .revents = 0});
    }
    if (poll(polled.data(), polled.size(), static_cast<int>(left.count())) < 0 && errno != EINTR) {
        return errno_failure("poll", name, errno);
    }
    for (std::size_t i = 0; i < streams.size(); ++i) {
        if (is_open(streams[i]) && polled[i].revents != 0) {
            SIGNET_TRY(const bool more, take_from(streams[i], name));
            if (!more) {
                streams[i].descriptor.close();
            }
        }
    }
    return {};
}

}  // namespace

Child::~Child() {
    if (m_pid > 0) {
        kill(m_pid, SIGKILL);
        wait();
    }
}

int Child::wait() {
    int status = 0;
    while (waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {
    }
    m_pid = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Result<Child> start_program(const std::vector<std::string>& command, const std::vector<std::string>& changes,
                            const std::vector<Inherited>& inherited) {
    SpawnActions actions;
    actions.read_nothing();
    for (const auto& [own, number] : inherited) {
        actions.pass(own, number);
    }
    const auto environment = environment_with(changes);
    pid_t pid = -1;
    const int error = posix_spawnp(&pid, command[0].c_str(), actions.get(), nullptr, pointers(command).data(),
                                   pointers(environment).data());
    if (error != 0) {
        return errno_failure("start", command[0], error);
    }
    return Child(pid);
}

Result<void> read_all(std::span<Stream> streams, const std::string& name, std::chrono::milliseconds limit) {
    const auto end = Clock::now() + limit;
    while (std::any_of(streams.begin(), streams.end(), is_open)) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
        if (left.count() <= 0) {
            return failure(ErrorCode::timeout, "run", name + " does not come to an end");
        }
        SIGNET_CHECK(take_some(streams, name, left));
    }
    return {};
}

Result<ProgramResult> run_program(const std::vector<std::string>& command,
                                  const std::vector<std::string>& changes, std::chrono::milliseconds limit) {
    SIGNET_TRY(auto output, make_pipe());
    SIGNET_TRY(auto diagnostics, make_pipe());
    SIGNET_TRY(auto child, start_program(command, changes,
                                         {{output.write_end.get(), STDOUT_FILENO},
                                          {diagnostics.write_end.get(), STDERR_FILENO}}));
    output.write_end.close();
    diagnostics.write_end.close();
    std::array<Stream, 2> streams{Stream{std::move(output.read_end), {}},
                                  Stream{std::move(diagnostics.read_end), {}}};
    SIGNET_CHECK(read_all(streams, command[0], limit));
    return ProgramResult{.status = child.wait(),
                         .output = std::move(streams[0].text),
                         .diagnostics = std::move(streams[1].text)};
}

}  // namespace signet::setup
