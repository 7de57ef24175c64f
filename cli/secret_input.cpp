#include "cli/secret_input.h"

#include "base/process.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace signet::cli {

Result<Secret> read_secret(int number, const std::string& option) {
    harden_process();
    if (isatty(number) == 1) {
        return failure(ErrorCode::invalid_parameter, option,
                       option + " would show the secret on the terminal: leave it out, and the agent asks");
    }
    const FileDescriptor source(fcntl(number, F_DUPFD_CLOEXEC, 0));
    if (!source.valid()) {
        return failure(ErrorCode::invalid_parameter, option,
                       option + " " + std::to_string(number) + ": no such descriptor is open", errno);
    }
    auto secret = Secret::read_from(source);
    if (secret) {
        secret->strip_line_end();
    }
    return secret;
}

}  // namespace signet::cli
