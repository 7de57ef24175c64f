#include "setup/files.h"

#include "base/file_descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>

namespace signet::setup {
namespace {

namespace fs = std::filesystem;

struct Freed {
    void operator()(char* text) const { std::free(text); }  // NOLINT(cppcoreguidelines-no-malloc)
};

// Where the file lies. What is not there lies where it is named; its folder may be a link.
Result<fs::path> resolved(const fs::path& named) {
    struct stat info {};
    if (lstat(named.c_str(), &info) != 0) {
        if (errno != ENOENT) {
            return errno_failure("read", named.string(), errno);
        }
        std::error_code error;
        const fs::path path = fs::weakly_canonical(named, error);
        return error ? errno_failure("read", named.string(), error.value()) : Result<fs::path>(path);
    }
    const std::unique_ptr<char, Freed> path(realpath(named.c_str(), nullptr));
    if (!path) {
        if (errno == ENOENT) {
            return failure(ErrorCode::not_found, "read",
                           named.string() + " is a link to a file that is not there");
        }
        return errno_failure("read", named.string(), errno);
    }
    return fs::path(path.get());
}

// With this process's group in place of the file's: nobody may do more than before, whichever of the two
// groups they are in.
mode_t mode_in_own_group(mode_t mode) {
    const mode_t shared = (mode >> 3U) & mode & 07U;
    return (mode & 01700U) | (shared << 3U) | shared;
}

// Of the file whose place is taken. Somebody else's stays somebody else's; a group that this process may not
// give is its own from now on.
Result<void> take_attributes(int descriptor, const fs::path& path) {
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) {
        return errno == ENOENT ? Result<void>() : errno_failure("read", path.string(), errno);
    }
    mode_t mode = info.st_mode & 07777U;
    if ((info.st_uid != geteuid() || info.st_gid != getegid()) &&
        fchown(descriptor, info.st_uid, info.st_gid) != 0) {
        if (errno != EPERM || info.st_uid != geteuid()) {
            return errno_failure("keep the owner of", path.string(), errno);
        }
        mode = mode_in_own_group(mode);
    }
    if (fchmod(descriptor, mode) != 0) {
        return errno_failure("keep the mode of", path.string(), errno);
    }
    return {};
}

// Always the same, so that the one of an interrupted attempt is found.
fs::path temporary_for(const fs::path& path) {
    return path.string() + ".signet-new";
}

// A rename is lost with the power until its folder is on the disk.
Result<void> synchronise_folder(const fs::path& folder) {
    const FileDescriptor descriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor.valid() || fsync(descriptor.get()) != 0) {
        return errno_failure("write", folder.string(), errno);
    }
    return {};
}

Result<void> write_temporary(const fs::path& temporary, const fs::path& path, const std::string& content,
                             mode_t mode) {
    const FileDescriptor file(
        open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file.valid()) {
        return errno_failure("create", temporary.string(), errno);
    }
    SIGNET_CHECK(take_attributes(file.get(), path));
    SIGNET_CHECK(write_all(file.get(), content, path.string()));
    return fsync(file.get()) == 0 ? Result<void>() : errno_failure("write", path.string(), errno);
}

}  // namespace

Result<File> open_file(const fs::path& named) {
    SIGNET_TRY(auto path, resolved(named));
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) {
        if (errno == ENOENT) {
            return File{.path = std::move(path), .content = std::nullopt};
        }
        return errno_failure("read", path.string(), errno);
    }
    if (!S_ISREG(info.st_mode)) {
        return failure(ErrorCode::invalid_parameter, "read", path.string() + " is no regular file");
    }
    SIGNET_TRY(auto content, read_file(path.string(), max_file_size));
    return File{.path = std::move(path), .content = std::move(content)};
}

Result<void> check_writable(const fs::path& path) {
    struct stat info {};
    if (stat(path.c_str(), &info) == 0) {
        if ((info.st_mode & 0222) == 0) {
            return failure(ErrorCode::not_allowed, "write", path.string() + " is read-only");
        }
        if (geteuid() != 0 && info.st_uid != geteuid()) {
            return failure(ErrorCode::not_allowed, "write", path.string() + " belongs to somebody else");
        }
    }
    fs::path folder = path.parent_path();
    while (stat(folder.c_str(), &info) != 0 && errno == ENOENT && folder.has_relative_path()) {
        folder = folder.parent_path();
    }
    if (access(folder.c_str(), W_OK | X_OK) != 0) {
        return failure(ErrorCode::not_allowed, "write",
                       path.string() + ": nothing can be written in " + folder.string(), errno);
    }
    return {};
}

std::vector<fs::path> missing_folders(const fs::path& path) {
    std::vector<fs::path> missing;
    std::error_code ignored;
    for (fs::path folder = path.parent_path(); folder.has_relative_path() && !fs::exists(folder, ignored);
         folder = folder.parent_path()) {
        missing.insert(missing.begin(), folder);
    }
    return missing;
}

Result<void> make_folder(const fs::path& path, mode_t mode) {
    if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST) {
        return errno_failure("create", path.string(), errno);
    }
    return {};
}

Result<void> replace_file(const fs::path& path, const std::optional<std::string>& content, mode_t mode) {
    const fs::path temporary = temporary_for(path);
    remove_leftover(path);
    if (!content) {
        if (unlink(path.c_str()) != 0 && errno != ENOENT) {
            return errno_failure("remove", path.string(), errno);
        }
        return synchronise_folder(path.parent_path());
    }
    if (auto written = write_temporary(temporary, path, *content, mode); !written) {
        unlink(temporary.c_str());
        return written;
    }
    if (rename(temporary.c_str(), path.c_str()) != 0) {
        const int error = errno;
        unlink(temporary.c_str());
        return errno_failure("replace", path.string(), error);
    }
    return synchronise_folder(path.parent_path());
}

void remove_leftover(const fs::path& path) {
    (void)unlink(temporary_for(path).c_str());
}

}  // namespace signet::setup
