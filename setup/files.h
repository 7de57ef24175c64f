#pragma once

#include "base/result.h"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// Files that other programs read, changed in one step or not at all.
namespace signet::setup {

// Longest file that is changed, in octets.
inline constexpr std::size_t max_file_size = std::size_t{1} << 20;

// One that may not be there yet. Links are followed: `path` is where the file lies, so a link stays a link.
struct File {
    std::filesystem::path path;
    std::optional<std::string> content;  // nothing: there is no such file
};

// A link that leads nowhere is not_found, what is no regular file invalid_parameter.
Result<File> open_file(const std::filesystem::path& named);
// That a file can be written where open_file() says that it lies: not_allowed where it is read-only or
// somebody else's, or its folder is not this person's to write.
Result<void> check_writable(const std::filesystem::path& path);

// The folders on the way to `path` that are not there, outermost first.
std::vector<std::filesystem::path> missing_folders(const std::filesystem::path& path);
Result<void> make_folder(const std::filesystem::path& path, mode_t mode);

// The new content appears in one step, with owner and mode of the file that was there, else with `mode`;
// nothing removes the file. A group that this person is not in gives way to their own, and nobody gets rights
// by that.
Result<void> replace_file(const std::filesystem::path& path, const std::optional<std::string>& content,
                          mode_t mode);
// What an interrupted replace_file() left beside the file.
void remove_leftover(const std::filesystem::path& path);

}  // namespace signet::setup
