#include "base/whole_file.h"

#include "base/directories.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace signet {
namespace {

Result<void> synchronise(const FileDescriptor& file, const std::string& name) {
    return fsync(file.get()) == 0 ? Result<void>() : errno_failure("fsync", name, errno);
}

// A rename is on the disk when the folder is.
Result<void> synchronise_directory(const std::filesystem::path& path) {
    const FileDescriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return directory.valid() ? synchronise(directory, path.string())
                             : errno_failure("open", path.string(), errno);
}

}  // namespace

Result<std::string> read_whole(const FileDescriptor& source, std::size_t limit, const std::string& name) {
    std::string content;
    std::array<char, 65536> buffer{};
    for (;;) {
        const ssize_t count = read(source.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return errno_failure("read", name, errno);
        }
        if (count == 0) {
            return content;
        }
        if (content.size() + static_cast<std::size_t>(count) > limit) {
            return failure(ErrorCode::too_large, "read",
                           name + ": longer than " + std::to_string(limit) + " octets");
        }
        content.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

Result<void> replace_file(const std::filesystem::path& path, ByteView octets, Durability durability) {
    SIGNET_CHECK(make_private_directory(path.parent_path()));
    std::string temporary = path.string() + ".XXXXXX";
    // 0600, as mkostemp makes it.
    const FileDescriptor file(mkostemp(temporary.data(), O_CLOEXEC));
    if (!file.valid()) {
        return errno_failure("mkostemp", temporary, errno);
    }
    auto written = write_all(file.get(), as_text(octets), temporary);
    if (written && durability == Durability::on_the_disk) {
        written = synchronise(file, temporary);
    }
    if (written && ::rename(temporary.c_str(), path.c_str()) != 0) {
        written = errno_failure("rename", path.string(), errno);
    }
    if (!written) {
        (void)unlink(temporary.c_str());
        return written;
    }
    return durability == Durability::on_the_disk ? synchronise_directory(path.parent_path()) : Result<void>();
}

}  // namespace signet
