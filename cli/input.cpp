#include "cli/input.h"

#include "smime/digest.h"
#include "smime/file_stream.h"
#include "smime/spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace signet::cli {

Result<std::unique_ptr<smime::Source>> open_input(const std::string& path) {
    FileDescriptor file(path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                    : open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) {
        return errno_failure("open", path, errno);
    }
    return smime::source_of(std::move(file));
}

Result<std::unique_ptr<smime::Source>> with_crlf(const smime::Source& input) {
    auto converted = std::make_unique<smime::Spool>();
    smime::RangeReader reader(input);
    smime::CrlfSink lines(*converted);
    SIGNET_CHECK(smime::copy(reader, lines));
    return converted;
}

}  // namespace signet::cli
