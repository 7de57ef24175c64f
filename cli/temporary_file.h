#pragma once

#include "base/file_descriptor.h"

#include <memory>
#include <string>

namespace signet::cli {

// A file (0600) beside another one, whose place it takes when it is whole. Else it is removed: when the
// object goes, and when a signal that can be caught ends the process.
class TemporaryFile {
  public:
    static Result<TemporaryFile> create_beside(const std::string& target);
    TemporaryFile(TemporaryFile&&) noexcept;
    TemporaryFile& operator=(TemporaryFile&&) = delete;
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile();

    [[nodiscard]] const FileDescriptor& descriptor() const { return m_file; }
    // Synchronised and renamed, with the mode of a target that is there, else the one that a new file gets.
    Result<void> replace_target();

  private:
    class Name;
    TemporaryFile(std::string target, std::unique_ptr<Name> name);

    std::string m_target;
    std::unique_ptr<Name> m_name;
    FileDescriptor m_file;
};

}  // namespace signet::cli
