#include "token/rejection_secrets.h"

#include "base/directories.h"
#include "base/file_descriptor.h"
#include "x509/openssl.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace signet::token {
namespace {

Result<FileDescriptor> open_existing(const std::filesystem::path& path) {
    FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file.valid()) {
        return errno_failure("open", path.string(), errno);
    }
    return file;
}

Result<void> write_random(const FileDescriptor& file, const std::filesystem::path& path) {
    std::array<std::uint8_t, RejectionSecrets::secret_size> octets{};
    if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1) {
        return x509::openssl_failure("RAND_bytes");
    }
    const ssize_t written = write(file.get(), octets.data(), octets.size());
    const int error_number = errno;
    wipe(octets);
    if (written != static_cast<ssize_t>(octets.size()) || fsync(file.get()) != 0) {
        return errno_failure("write", path.string(), written < 0 ? error_number : ENOSPC);
    }
    return {};
}

}  // namespace

RejectionSecrets::RejectionSecrets(std::filesystem::path state_directory)
    : m_directory(std::move(state_directory) / "rejection") {}

Result<void> RejectionSecrets::create(const std::filesystem::path& path) const {
    std::string temporary = path.string() + ".XXXXXX";
    const FileDescriptor file(mkostemp(temporary.data(), O_CLOEXEC));
    if (!file.valid()) {
        return errno_failure("mkostemp", temporary, errno);
    }
    auto written = write_random(file, path);
    // link() refuses an existing name: of two that come at once, the first stays.
    if (written && link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST) {
        written = errno_failure("link", path.string(), errno);
    }
    (void)unlink(temporary.c_str());
    return written;
}

Result<Secret> RejectionSecrets::of_key(const std::string& key_id) const {
    const std::filesystem::path path = m_directory / key_id;
    auto file = open_existing(path);
    if (!file && file.error().native_code == ENOENT) {
        SIGNET_CHECK(make_private_directory(m_directory.parent_path()));
        SIGNET_CHECK(make_private_directory(m_directory));
        SIGNET_CHECK(create(path));
        file = open_existing(path);
    }
    if (!file) {
        return Failure(std::move(file).error());
    }
    SIGNET_TRY(Secret secret, Secret::read_from(*file));
    if (secret.size() != secret_size) {
        return failure(ErrorCode::configuration, "read", path.string() + ": damaged, not 32 octets");
    }
    return secret;
}

}  // namespace signet::token
