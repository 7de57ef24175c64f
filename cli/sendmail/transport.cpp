#include "cli/sendmail/transport.h"

#include "base/file_descriptor.h"
#include "smime/file_stream.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace signet::sendmail {
namespace {

class SpawnActions {
  public:
    SpawnActions() { posix_spawn_file_actions_init(&m_actions); }
    ~SpawnActions() { posix_spawn_file_actions_destroy(&m_actions); }
    SpawnActions(const SpawnActions&) = delete;
    SpawnActions& operator=(const SpawnActions&) = delete;
    void take_input_from(int descriptor) {
        posix_spawn_file_actions_adddup2(&m_actions, descriptor, STDIN_FILENO);
    }
    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &m_actions; }

  private:
    posix_spawn_file_actions_t m_actions{};
};

// SIGPIPE ends it as usual, though this process ignores it.
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

Result<pid_t> start(const std::vector<std::string>& command, int input) {
    std::vector<char*> arguments;
    for (const auto& argument : command) {
        arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    SpawnActions actions;
    actions.take_input_from(input);
    const SpawnAttributes attributes;
    pid_t child = -1;
    const int error =
        posix_spawnp(&child, arguments[0], actions.get(), attributes.get(), arguments.data(), environ);
    if (error != 0) {
        return errno_failure("start", command[0], error);
    }
    return child;
}

Result<int> status_of(pid_t child, const std::string& name) {
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

}  // namespace

Result<int> hand_on(const std::vector<std::string>& command, const smime::Source& mail) {
    SIGNET_TRY(auto pipe, make_pipe());
    SIGNET_TRY(const pid_t child, start(command, pipe.read_end.get()));
    pipe.read_end.close();
    smime::RangeReader reader(mail);
    smime::FileSink sink(pipe.write_end);
    const auto copied = smime::copy(reader, sink);
    if (!copied && copied.error().native_code != EPIPE) {
        // At the end of its input it would send what it has.
        kill(child, SIGKILL);
        (void)status_of(child, command[0]);
        return Failure(copied.error());
    }
    pipe.write_end.close();
    SIGNET_TRY(const int status, status_of(child, command[0]));
    if (status == 0 && !copied) {
        return failure(ErrorCode::input_output, "run", command[0] + ": it did not read the whole mail");
    }
    return status;
}

}  // namespace signet::sendmail
