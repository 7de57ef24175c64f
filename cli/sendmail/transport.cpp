#include "cli/sendmail/transport.h"

#include "base/child_process.h"
#include "base/file_descriptor.h"
#include "smime/file_stream.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <optional>

namespace signet::sendmail {

namespace {

// To try again later would not help.
bool is_lasting(std::int64_t error_number) {
    constexpr std::array lasting{ENOENT, ENOTDIR, EISDIR, EACCES, EPERM, ENOEXEC, ELOOP, ENAMETOOLONG};
    return std::find(lasting.begin(), lasting.end(), error_number) != lasting.end();
}

Result<pid_t> start(const std::vector<std::string>& command, int input) {
    auto child = start_child(command, {.input = input});
    if (!child && is_lasting(child.error().native_code)) {
        return failure(ErrorCode::configuration, "transport",
                       "transport of mail.toml: cannot start " + child.error().detail);
    }
    return child;
}

// A second reading end of the same pipe, to look at what is left in it. One that is open while the mail is
// written would keep it from showing that the reader is gone.
FileDescriptor reading_end(const FileDescriptor& write_end) {
    const std::string path = "/proc/self/fd/" + std::to_string(write_end.get());
    return FileDescriptor(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

bool holds_octets(const FileDescriptor& pipe) {
    int count = 0;
    return pipe.valid() && ioctl(pipe.get(), FIONREAD, &count) == 0 && count > 0;
}

// At the end of its input a transport sends what it has. While this lives, a signal that ends this process
// ends the transport first.
class EndsTogether {
  public:
    EndsTogether() {
        transport = 0;
        ended_by = 0;
        for (const int number : ending_signals) {
            change_action(number, SIG_DFL, end_both);
        }
    }
    ~EndsTogether() {
        for (const int number : ending_signals) {
            change_action(number, end_both, SIG_DFL);
        }
        if (ended_by != 0) {
            raise(ended_by);
        }
    }
    EndsTogether(const EndsTogether&) = delete;
    EndsTogether& operator=(const EndsTogether&) = delete;

    void with(pid_t child) {
        transport = child;
        if (ended_by != 0) {
            end_both(ended_by);
        }
    }

  private:
    static constexpr std::array ending_signals{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

    // As nohup sets it, an ignored one stays so.
    static void change_action(int number, sighandler_t from, sighandler_t to) {
        struct sigaction action {};
        if (sigaction(number, nullptr, &action) == 0 && action.sa_handler == from) {
            std::signal(number, to);
        }
    }
    static void end_both(int number) {
        if (transport == 0) {
            ended_by = number;  // until it is known whom to end
            return;
        }
        kill(transport, SIGKILL);
        std::signal(number, SIG_DFL);
        raise(number);
    }

    static inline volatile pid_t transport = 0;
    static inline volatile std::sig_atomic_t ended_by = 0;
};

}  // namespace

Result<int> hand_on(const std::vector<std::string>& command, const smime::Source& mail) {
    SIGNET_TRY(auto pipe, make_pipe());
    auto together = std::make_optional<EndsTogether>();
    SIGNET_TRY(const pid_t child, start(command, pipe.read_end.get()));
    together->with(child);
    pipe.read_end.close();
    smime::RangeReader reader(mail);
    smime::FileSink sink(pipe.write_end);
    const auto copied = smime::copy(reader, sink);
    if (!copied && copied.error().native_code != EPIPE) {
        kill(child, SIGKILL);
        (void)wait_for_child(child, command[0]);
        return Failure(copied.error());
    }
    together.reset();
    const auto rest = reading_end(pipe.write_end);
    pipe.write_end.close();
    SIGNET_TRY(const int status, wait_for_child(child, command[0]));
    if (status == 0 && (!copied || holds_octets(rest))) {
        return failure(ErrorCode::input_output, "run", command[0] + ": it did not read the whole mail");
    }
    return status;
}

}  // namespace signet::sendmail
