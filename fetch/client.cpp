#include "fetch/client.h"

#include "base/child_process.h"
#include "base/directories.h"
#include "base/file_descriptor.h"
#include "fetch/exit_status.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace signet::fetch {
namespace {

constexpr std::size_t max_message = 2000;

// A file without a name: nobody waits for the other's reading.
Result<FileDescriptor> nameless_file(const char* purpose) {
    FileDescriptor file(memfd_create(purpose, MFD_CLOEXEC));
    if (!file.valid()) {
        return errno_failure("memfd_create", purpose, errno);
    }
    return file;
}

Result<FileDescriptor> file_with(std::string_view text) {
    SIGNET_TRY(auto file, nameless_file("request"));
    SIGNET_CHECK(write_all(file.get(), text, "memory"));
    lseek(file.get(), 0, SEEK_SET);
    return file;
}

Result<std::string> content_of(const FileDescriptor& file, std::size_t limit) {
    const off_t size = lseek(file.get(), 0, SEEK_END);
    if (size < 0 || static_cast<std::size_t>(size) > limit) {
        return failure(ErrorCode::too_large, "signet-fetch", "its answer");
    }
    std::string text(static_cast<std::size_t>(size), '\0');
    const ssize_t count = pread(file.get(), text.data(), text.size(), 0);
    if (count != size) {
        return errno_failure("read from", "memory", errno);
    }
    return text;
}

Error error_of(int status, std::string message) {
    while (!message.empty() && message.back() == '\n') {
        message.pop_back();
    }
    constexpr std::string_view prefix = "signet-fetch: ";
    if (message.starts_with(prefix)) {
        message.erase(0, prefix.size());
    }
    for (const auto& entry : statuses) {
        if (entry.status == status) {
            return {entry.code, "signet-fetch", std::move(message)};
        }
    }
    return {ErrorCode::input_output, "signet-fetch", "it ended with status " + std::to_string(status)};
}

}  // namespace

Result<std::string> post_by_program(const Post& request) {
    SIGNET_TRY(const auto program, own_program("signet-fetch", SIGNET_INSTALLED_LIBEXEC));
    SIGNET_TRY(const auto input, file_with(request.body));
    SIGNET_TRY(const auto output, nameless_file("answer"));
    SIGNET_TRY(const auto messages, nameless_file("messages"));
    const std::vector<std::string> command{program,
                                           "--type",
                                           request.content_type,
                                           "--accept",
                                           request.accept,
                                           "--limit",
                                           std::to_string(request.limit),
                                           "--timeout",
                                           std::to_string(request.timeout.count()),
                                           "--",
                                           request.url};
    SIGNET_TRY(
        const pid_t child,
        start_child(command, {.input = input.get(), .output = output.get(), .error_output = messages.get()}));
    SIGNET_TRY(const int status, wait_for_child(child, program));
    if (status != 0) {
        auto message = content_of(messages, max_message);
        return Failure(error_of(status, message ? *message : std::string()));
    }
    return content_of(output, request.limit);
}

}  // namespace signet::fetch
