#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace signet::test {

// A new folder (0700) with a short path, as sockets need; removed with all that is in it at the end.
class TemporaryDirectory {
  public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return m_path / name; }

  private:
    std::filesystem::path m_path;
};

void write_file(const std::filesystem::path& path, std::string_view content);
// The whole file; a file that cannot be read ends the test program.
std::string read_file(const std::filesystem::path& path);

}  // namespace signet::test
