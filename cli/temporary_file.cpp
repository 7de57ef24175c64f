#include "cli/temporary_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace signet::cli {
namespace {

// Of those that end a process unless it says otherwise: what a person or the system sends, and what limits
// and timers do.
constexpr std::array ending_signals = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,   SIGXCPU, SIGXFSZ,
                                       SIGALRM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF, SIGIO};

// While one lives, the signals that remove files wait.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t blocked;
        sigemptyset(&blocked);
        for (const int number : ending_signals) {
            sigaddset(&blocked, number);
        }
        pthread_sigmask(SIG_BLOCK, &blocked, &m_before);
    }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &m_before, nullptr); }

  private:
    sigset_t m_before{};
};

Result<mode_t> mode_for(const std::string& target) {
    struct stat status {};
    if (stat(target.c_str(), &status) == 0) {
        return status.st_mode & 07777;
    }
    if (errno != ENOENT) {
        return errno_failure("write", target, errno);
    }
    const mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

}  // namespace

// A name in the file system that is removed with the object. The signal handler finds all of them in a list.
class TemporaryFile::Name {
  public:
    // The X at the end of `pattern` are replaced.
    explicit Name(std::string pattern) : m_path(std::move(pattern)) {}
    Name(const Name&) = delete;
    Name& operator=(const Name&) = delete;
    ~Name() {
        const SignalsBlocked blocked;
        if (m_listed) {
            unlink(m_path.c_str());
            forget();
        }
    }

    FileDescriptor create() {
        const SignalsBlocked blocked;
        FileDescriptor file(mkostemp(m_path.data(), O_CLOEXEC));
        if (file.valid()) {
            remember();
        }
        return file;
    }

    Result<void> rename_to(const std::string& target) {
        const SignalsBlocked blocked;
        if (rename(m_path.c_str(), target.c_str()) != 0) {
            return errno_failure("replace", target, errno);
        }
        forget();
        return {};
    }

  private:
    void remember() {
        for (const int number : ending_signals) {
            struct sigaction action {};
            // A program that was told to ignore a signal, as nohup does, goes on ignoring it.
            if (sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_DFL) {
                action.sa_handler = remove_all_and_end;
                sigaction(number, &action, nullptr);
            }
        }
        m_next = first;
        first = this;
        m_listed = true;
    }
    void forget() {
        Name** place = &first;
        while (*place != this) {
            place = &(*place)->m_next;
        }
        *place = m_next;
        m_listed = false;
    }
    static void remove_all_and_end(int number) {
        for (const Name* name = first; name != nullptr; name = name->m_next) {
            unlink(name->m_path.c_str());
        }
        std::signal(number, SIG_DFL);
        raise(number);
    }

    static inline Name* first = nullptr;

    std::string m_path;
    Name* m_next = nullptr;
    bool m_listed = false;
};

TemporaryFile::TemporaryFile(std::string target, std::unique_ptr<Name> name)
    : m_target(std::move(target)), m_name(std::move(name)), m_file(m_name->create()) {}
TemporaryFile::TemporaryFile(TemporaryFile&&) noexcept = default;
TemporaryFile::~TemporaryFile() = default;

Result<TemporaryFile> TemporaryFile::create_beside(const std::string& target) {
    const auto folder = std::filesystem::path(target).parent_path();
    TemporaryFile file(target, std::make_unique<Name>((folder / ".signet-XXXXXX").string()));
    if (!file.m_file.valid()) {
        return errno_failure("create a file beside", target, errno);
    }
    return file;
}

Result<void> TemporaryFile::replace_target() {
    SIGNET_TRY(const mode_t mode, mode_for(m_target));
    if (fchmod(m_file.get(), mode) != 0 || fsync(m_file.get()) != 0) {
        return errno_failure("write", m_target, errno);
    }
    return m_name->rename_to(m_target);
}

}  // namespace signet::cli
