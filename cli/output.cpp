#include "cli/output.h"

#include "base/file_descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace signet::cli {
namespace {

Result<void> write_all(int descriptor, const std::string& path, std::string_view content) {
    while (!content.empty()) {
        const ssize_t count = write(descriptor, content.data(), content.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return errno_failure("write", path, errno);
        }
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

// A file beside the target that is removed again unless it takes the target's place.
class TemporaryFile {
  public:
    static Result<TemporaryFile> create_beside(const std::string& target) {
        std::string path = target + ".XXXXXX";
        FileDescriptor file(mkostemp(path.data(), O_CLOEXEC));
        if (!file.valid()) {
            return errno_failure("create a file beside", target, errno);
        }
        return TemporaryFile(std::move(path), std::move(file));
    }
    TemporaryFile(TemporaryFile&& other) noexcept
        : m_path(std::exchange(other.m_path, {})), m_file(std::move(other.m_file)) {}
    TemporaryFile& operator=(TemporaryFile&&) = delete;
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() {
        if (!m_path.empty()) {
            unlink(m_path.c_str());
        }
    }

    [[nodiscard]] Result<void> write(std::string_view content) const {
        SIGNET_CHECK(write_all(m_file.get(), m_path, content));
        if (fsync(m_file.get()) != 0) {
            return errno_failure("write", m_path, errno);
        }
        return {};
    }

    Result<void> replace(const std::string& target) {
        if (rename(m_path.c_str(), target.c_str()) != 0) {
            return errno_failure("rename to", target, errno);
        }
        m_path.clear();
        return {};
    }

  private:
    TemporaryFile(std::string path, FileDescriptor file) : m_path(std::move(path)), m_file(std::move(file)) {}

    std::string m_path;
    FileDescriptor m_file;
};

Result<void> write_directly(const std::string& path, std::string_view content) {
    const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file.valid()) {
        return errno_failure("open", path, errno);
    }
    return write_all(file.get(), path, content);
}

std::string behind_links(const std::string& path) {
    std::error_code error;
    const auto target = std::filesystem::canonical(path, error);
    return error ? path : target.string();
}

}  // namespace

Result<void> write_output(const std::string& path, std::string_view content) {
    if (path == "-") {
        return write_all(STDOUT_FILENO, "standard output", content);
    }
    const std::string target = behind_links(path);
    struct stat info {};
    if (stat(target.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
        return write_directly(target, content);
    }
    SIGNET_TRY(auto file, TemporaryFile::create_beside(target));
    SIGNET_CHECK(file.write(content));
    return file.replace(target);
}

}  // namespace signet::cli
