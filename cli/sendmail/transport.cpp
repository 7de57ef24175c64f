#include "cli/sendmail/transport.h"

#include "base/child_process.h"
#include "base/file_descriptor.h"
#include "smime/file_stream.h"

#include <cerrno>
#include <csignal>

namespace signet::sendmail {

Result<int> hand_on(const std::vector<std::string>& command, const smime::Source& mail) {
    SIGNET_TRY(auto pipe, make_pipe());
    SIGNET_TRY(const pid_t child, start_child(command, {.input = pipe.read_end.get()}));
    pipe.read_end.close();
    smime::RangeReader reader(mail);
    smime::FileSink sink(pipe.write_end);
    const auto copied = smime::copy(reader, sink);
    if (!copied && copied.error().native_code != EPIPE) {
        // At the end of its input it would send what it has.
        kill(child, SIGKILL);
        (void)wait_for_child(child, command[0]);
        return Failure(copied.error());
    }
    pipe.write_end.close();
    SIGNET_TRY(const int status, wait_for_child(child, command[0]));
    if (status == 0 && !copied) {
        return failure(ErrorCode::input_output, "run", command[0] + ": it did not read the whole mail");
    }
    return status;
}

}  // namespace signet::sendmail
