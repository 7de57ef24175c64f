#include "cli/output.h"

#include "cli/temporary_file.h"
#include "smime/file_stream.h"
#include "smime/spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <optional>
#include <system_error>

namespace signet::cli {
namespace {

// As many as the kernel follows.
constexpr int max_links = 40;

// The open descriptor that a path names. Opened anew, a file behind it would be overwritten from its start.
std::optional<int> named_descriptor(std::string_view path) {
    if (path == "-") {
        return STDOUT_FILENO;
    }
    for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
        int number = -1;
        const char* end = path.data() + path.size();
        if (path.starts_with(folder) &&
            std::from_chars(path.data() + folder.size(), end, number) == std::from_chars_result{end, {}}) {
            return number;
        }
    }
    return std::nullopt;
}

// Of a symbolic link what it points to, whether that is there or not. Links under /dev/fd lead on to no path
// that could be opened.
std::string behind_links(std::filesystem::path path) {
    std::error_code error;
    for (int links = 0; links < max_links && !named_descriptor(path.native()); ++links) {
        const auto next = std::filesystem::read_symlink(path, error);
        if (error) {
            break;
        }
        path = path.parent_path() / next;
    }
    return path;
}

bool can_be_replaced(const std::string& path) {
    struct stat status {};
    return stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode);
}

// What the operation reported, with the file that it happened to.
Result<void> about(const std::string& name, Result<void> result) {
    if (!result && result.error().code == ErrorCode::input_output) {
        result.error().detail = name + ": " + result.error().detail;
    }
    return result;
}

}  // namespace

class Output::Destination : public smime::WithheldSink {
  public:
    virtual Result<void> commit() = 0;
};

class Output::Replacement final : public Destination {
  public:
    Replacement(std::string path, TemporaryFile file) : m_path(std::move(path)), m_file(std::move(file)) {}

    Result<void> write(std::string_view octets) override {
        smime::FileSink sink(m_file.descriptor());
        return about(m_path, sink.write(octets));
    }
    Result<void> restart() override {
        const int file = m_file.descriptor().get();
        if (ftruncate(file, 0) != 0 || lseek(file, 0, SEEK_SET) != 0) {
            return errno_failure("write to", m_path, errno);
        }
        return {};
    }
    Result<void> commit() override { return m_file.replace_target(); }

  private:
    std::string m_path;
    TemporaryFile m_file;
};

class Output::Held final : public Destination {
  public:
    Held(std::string name, FileDescriptor file) : m_name(std::move(name)), m_file(std::move(file)) {}

    Result<void> write(std::string_view octets) override { return m_spool.write(octets); }
    Result<void> restart() override { return m_spool.restart(); }
    Result<void> commit() override {
        smime::RangeReader held(m_spool);
        smime::FileSink sink(m_file);
        return about(m_name, smime::copy(held, sink));
    }

  private:
    std::string m_name;
    FileDescriptor m_file;
    smime::Spool m_spool;
};

Output::Output(std::unique_ptr<Destination> destination) : m_destination(std::move(destination)) {}
Output::Output(Output&&) noexcept = default;
Output::~Output() = default;

Result<Output> Output::open(const std::string& path) {
    if (path.empty()) {
        return errno_failure("write to", "''", ENOENT);
    }
    const std::string target = behind_links(path);
    const auto number = named_descriptor(target);
    if (!number && can_be_replaced(target)) {
        SIGNET_TRY(auto file, TemporaryFile::create_beside(target));
        return Output(std::make_unique<Replacement>(path, std::move(file)));
    }
    FileDescriptor file(number ? fcntl(*number, F_DUPFD_CLOEXEC, 0)
                               : ::open(target.c_str(), O_WRONLY | O_CLOEXEC));
    const std::string name = path == "-" ? "standard output" : path;
    if (!file.valid()) {
        return errno_failure("write to", name, errno);
    }
    return Output(std::make_unique<Held>(name, std::move(file)));
}

Result<void> Output::write(std::string_view octets) {
    return m_destination->write(octets);
}

Result<void> Output::restart() {
    return m_destination->restart();
}

Result<void> Output::commit() {
    return m_destination->commit();
}

bool is_standard_output(const std::string& path) {
    return named_descriptor(behind_links(path)) == STDOUT_FILENO;
}

bool is_standard_input(const std::string& path) {
    return path == "-" || named_descriptor(behind_links(path)) == STDIN_FILENO;
}

Result<void> write_output(const std::string& path, std::string_view content) {
    SIGNET_TRY(auto output, Output::open(path));
    SIGNET_CHECK(output.write(content));
    return output.commit();
}

}  // namespace signet::cli
