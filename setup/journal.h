#pragma once

#include "base/file_descriptor.h"
#include "setup/edit.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace signet::setup {

// One file that was changed, or was about to be when the journal was written.
struct Record {
    std::filesystem::path path;
    EditKind kind{};
    Content before;
    Content after;
};

// What was done for one client, so that it can be undone. It is on the disk before anything is changed, and
// goes when all of it is undone.
struct Journal {
    bool finished = false;  // else the command was interrupted, and files may be in either state
    std::vector<Record> records;
    std::vector<std::filesystem::path> folders;  // that were made, outermost first

    [[nodiscard]] const Record* find(const std::filesystem::path& path) const;
};

// The journals of one person. While the object lives, no other process changes them.
class JournalFolder {
  public:
    // Made when it is missing. not_allowed while another process has it.
    static Result<JournalFolder> open(const std::filesystem::path& state_home);

    // `name` is that of a client. Nothing where the client was not set up.
    [[nodiscard]] Result<std::optional<Journal>> load(const std::string& name) const;
    [[nodiscard]] Result<void> save(const std::string& name, const Journal& journal) const;
    [[nodiscard]] Result<void> remove(const std::string& name) const;

  private:
    JournalFolder(std::filesystem::path folder, FileDescriptor lock)
        : m_folder(std::move(folder)), m_lock(std::move(lock)) {}

    std::filesystem::path m_folder;
    FileDescriptor m_lock;
};

// To look at, without a lock: nothing is made and nothing is changed.
Result<std::optional<Journal>> read_journal(const std::filesystem::path& state_home, const std::string& name);

}  // namespace signet::setup
