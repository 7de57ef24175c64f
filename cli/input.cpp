#include "cli/input.h"

#include "smime/digest.h"
#include "smime/file_stream.h"
#include "smime/spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace signet::cli {
namespace {

std::string name_of(const std::string& path) {
    if (path.empty()) {
        return "''";
    }
    return path == "-" ? "standard input" : path;
}

}  // namespace

Result<std::unique_ptr<smime::Source>> open_input(const std::string& path) {
    FileDescriptor file(path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                    : open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const std::string name = name_of(path);
    if (!file.valid()) {
        return errno_failure("open", name, errno);
    }
    struct stat status {};
    if (fstat(file.get(), &status) == 0 && S_ISDIR(status.st_mode)) {
        return errno_failure("read", name, EISDIR);
    }
    auto source = smime::source_of(std::move(file));
    if (!source && source.error().code == ErrorCode::input_output) {
        source.error().detail = name + ": " + source.error().detail;
    }
    return source;
}

Result<std::unique_ptr<smime::Source>> with_crlf(const smime::Source& input) {
    auto converted = std::make_unique<smime::Spool>();
    smime::RangeReader reader(input);
    smime::CrlfSink lines(*converted);
    SIGNET_CHECK(smime::copy(reader, lines));
    return converted;
}

}  // namespace signet::cli
