#include "smime/file_stream.h"

#include "smime/spool.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace signet::smime {

Result<std::size_t> read_at(const FileDescriptor& file, std::uint64_t offset, std::span<char> buffer) {
    std::size_t filled = 0;
    while (filled < buffer.size()) {
        const ssize_t count = pread(file.get(), buffer.data() + filled, buffer.size() - filled,
                                    static_cast<off_t>(offset + filled));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return errno_failure("read", {}, errno);
        }
        if (count == 0) {
            break;
        }
        filled += static_cast<std::size_t>(count);
    }
    return filled;
}

Result<std::size_t> FileSource::read(std::uint64_t offset, std::span<char> buffer) const {
    return read_at(m_file, offset, buffer);
}

Result<std::size_t> FileReader::read(std::span<char> buffer) {
    for (;;) {
        const ssize_t count = ::read(m_file.get(), buffer.data(), buffer.size());
        if (count >= 0) {
            return static_cast<std::size_t>(count);
        }
        if (errno != EINTR) {
            return errno_failure("read", {}, errno);
        }
    }
}

Result<void> FileSink::write(std::string_view octets) {
    while (!octets.empty()) {
        const ssize_t count = ::write(m_file.get(), octets.data(), octets.size());
        if (count < 0 && errno != EINTR) {
            return errno_failure("write", {}, errno);
        }
        octets.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    return {};
}

Result<std::unique_ptr<Source>> source_of(FileDescriptor file) {
    struct stat status {};
    if (fstat(file.get(), &status) != 0) {
        return errno_failure("read", {}, errno);
    }
    // A descriptor that was read from before, as of a here-document in a loop, goes on where it stands.
    if (S_ISREG(status.st_mode) && lseek(file.get(), 0, SEEK_CUR) == 0) {
        return std::make_unique<FileSource>(std::move(file), static_cast<std::uint64_t>(status.st_size));
    }
    auto spool = std::make_unique<Spool>();
    FileReader reader(file);
    SIGNET_CHECK(copy(reader, *spool));
    return spool;
}

}  // namespace signet::smime
