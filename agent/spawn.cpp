#include "agent/spawn.h"

#include "base/directories.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>

extern char** environ;  // NOLINT: named by POSIX

namespace signet::agent {
namespace {

// Above every target, so that no dup2 overwrites a source that is still needed.
constexpr int first_source = 256;

class FileActions {
  public:
    FileActions() { posix_spawn_file_actions_init(&m_actions); }
    ~FileActions() { posix_spawn_file_actions_destroy(&m_actions); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;

    posix_spawn_file_actions_t* get() { return &m_actions; }

  private:
    posix_spawn_file_actions_t m_actions{};
};

// Default dispositions and an empty mask, whatever this process has set.
class SpawnAttributes {
  public:
    explicit SpawnAttributes(bool own_session) {
        posix_spawnattr_init(&m_attributes);
        sigset_t none{};
        sigemptyset(&none);
        sigset_t all{};
        sigfillset(&all);
        posix_spawnattr_setsigmask(&m_attributes, &none);
        posix_spawnattr_setsigdefault(&m_attributes, &all);
        const int session = own_session ? POSIX_SPAWN_SETSID : 0;
        posix_spawnattr_setflags(
            &m_attributes, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | session));
    }
    ~SpawnAttributes() { posix_spawnattr_destroy(&m_attributes); }
    SpawnAttributes(const SpawnAttributes&) = delete;
    SpawnAttributes& operator=(const SpawnAttributes&) = delete;

    posix_spawnattr_t* get() { return &m_attributes; }

  private:
    posix_spawnattr_t m_attributes{};
};

std::vector<std::string> child_environment(std::map<std::string, std::string> variables) {
    for (const auto* name : {"LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"}) {
        variables.emplace(name, "");
    }
    std::vector<std::string> result = {"SIGNET_SOCKET="};
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::string name(text.substr(0, text.find('=')));
        if (name != "SIGNET_SOCKET" && !variables.contains(name)) {
            result.emplace_back(text);
        }
    }
    for (const auto& [name, value] : variables) {
        if (!value.empty()) {
            result.push_back(name + "=" + value);
        }
    }
    return result;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const auto& text : texts) {
        result.push_back(const_cast<char*>(text.c_str()));
    }
    result.push_back(nullptr);
    return result;
}

Result<std::vector<FileDescriptor>> raise(const std::vector<FileDescriptor>& descriptors) {
    std::vector<FileDescriptor> raised;
    for (const auto& descriptor : descriptors) {
        raised.emplace_back(fcntl(descriptor.get(), F_DUPFD_CLOEXEC, first_source));
        if (!raised.back().valid()) {
            return errno_failure("fcntl", "F_DUPFD_CLOEXEC", errno);
        }
    }
    return raised;
}

}  // namespace

Result<ChildProcess> spawn_child(const ChildOptions& options) {
    SIGNET_TRY(const auto sources, raise(options.descriptors));
    FileActions actions;
    if (options.standard_streams != nullptr) {
        posix_spawn_file_actions_adddup2(actions.get(), options.standard_streams->get(), STDIN_FILENO);
        posix_spawn_file_actions_adddup2(actions.get(), options.standard_streams->get(), STDOUT_FILENO);
    } else {
        posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(actions.get(), STDERR_FILENO, STDOUT_FILENO);
    }
    int target = STDERR_FILENO + 1;
    for (const auto& source : sources) {
        posix_spawn_file_actions_adddup2(actions.get(), source.get(), target++);
    }
    SpawnAttributes attributes(options.own_session);
    const auto environment = child_environment(options.variables);
    const std::string& program = options.arguments.front();
    ChildProcess child;
    const int error = posix_spawn(&child.pid, program.c_str(), actions.get(), attributes.get(),
                                  pointers(options.arguments).data(), pointers(environment).data());
    if (error != 0) {
        return errno_failure("posix_spawn", program, error);
    }
    child.pidfd = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0)));
    if (!child.pidfd.valid()) {
        const int open_error = errno;
        kill(child.pid, SIGKILL);
        waitpid(child.pid, nullptr, 0);
        return errno_failure("pidfd_open", program, open_error);
    }
    fcntl(child.pidfd.get(), F_SETFD, FD_CLOEXEC);
    return child;
}

Result<std::string> helper_program(const std::string& name) {
    return own_program(name, SIGNET_INSTALLED_LIBEXEC);
}

}  // namespace signet::agent
