#include "base/child_process.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace signet {
namespace {

class SpawnActions {
  public:
    SpawnActions() { posix_spawn_file_actions_init(&m_actions); }
    ~SpawnActions() { posix_spawn_file_actions_destroy(&m_actions); }
    SpawnActions(const SpawnActions&) = delete;
    SpawnActions& operator=(const SpawnActions&) = delete;
    void connect(int descriptor, int target) {
        if (descriptor >= 0) {
            posix_spawn_file_actions_adddup2(&m_actions, descriptor, target);
        }
    }
    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &m_actions; }

  private:
    posix_spawn_file_actions_t m_actions{};
};

class SpawnAttributes {
  public:
    SpawnAttributes() {
        posix_spawnattr_init(&m_attributes);
        sigset_t defaults;
        sigemptyset(&defaults);
        sigaddset(&defaults, SIGPIPE);
        posix_spawnattr_setsigdefault(&m_attributes, &defaults);
        posix_spawnattr_setflags(&m_attributes, POSIX_SPAWN_SETSIGDEF);
    }
    ~SpawnAttributes() { posix_spawnattr_destroy(&m_attributes); }
    SpawnAttributes(const SpawnAttributes&) = delete;
    SpawnAttributes& operator=(const SpawnAttributes&) = delete;
    [[nodiscard]] const posix_spawnattr_t* get() const { return &m_attributes; }

  private:
    posix_spawnattr_t m_attributes{};
};

}  // namespace

Result<pid_t> start_child(const std::vector<std::string>& command, const ChildStreams& streams) {
    std::vector<char*> arguments;
    for (const auto& argument : command) {
        arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    SpawnActions actions;
    actions.connect(streams.input, STDIN_FILENO);
    actions.connect(streams.output, STDOUT_FILENO);
    actions.connect(streams.error_output, STDERR_FILENO);
    const SpawnAttributes attributes;
    pid_t child = -1;
    const int error =
        posix_spawnp(&child, arguments[0], actions.get(), attributes.get(), arguments.data(), environ);
    if (error != 0) {
        return errno_failure("start", command[0], error);
    }
    return child;
}

Result<int> wait_for_child(pid_t child, const std::string& name) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return errno_failure("wait for", name, errno);
        }
    }
    if (!WIFEXITED(status)) {
        return failure(ErrorCode::input_output, "run",
                       name + ": ended by signal " + std::to_string(WTERMSIG(status)));
    }
    return WEXITSTATUS(status);
}

}  // namespace signet
