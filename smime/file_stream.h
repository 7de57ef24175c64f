#pragma once

#include "base/file_descriptor.h"
#include "smime/stream.h"

#include <memory>

namespace signet::smime {

// Fills `buffer` from `offset` of a file; the count is smaller only at its end.
Result<std::size_t> read_at(const FileDescriptor& file, std::uint64_t offset, std::span<char> buffer);

// A regular file, which must not change while it is read.
class FileSource final : public Source {
  public:
    FileSource(FileDescriptor file, std::uint64_t size) : m_file(std::move(file)), m_size(size) {}
    [[nodiscard]] std::uint64_t size() const override { return m_size; }
    [[nodiscard]] Result<std::size_t> read(std::uint64_t offset, std::span<char> buffer) const override;

  private:
    FileDescriptor m_file;
    std::uint64_t m_size;
};

// Reads to the end of a descriptor, which it borrows.
class FileReader final : public Reader {
  public:
    explicit FileReader(const FileDescriptor& file) : m_file(file) {}
    Result<std::size_t> read(std::span<char> buffer) override;

  private:
    const FileDescriptor& m_file;
};

// Writes to a descriptor, which it borrows.
class FileSink final : public Sink {
  public:
    explicit FileSink(const FileDescriptor& file) : m_file(file) {}
    Result<void> write(std::string_view octets) override;

  private:
    const FileDescriptor& m_file;
};

// The file itself where it can seek; else a Spool with all that comes out of it.
Result<std::unique_ptr<Source>> source_of(FileDescriptor file);

}  // namespace signet::smime
