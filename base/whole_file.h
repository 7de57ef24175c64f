#pragma once

#include "base/bytes.h"
#include "base/file_descriptor.h"
#include "base/result.h"

#include <filesystem>

// `name` is what errors call a file.
namespace signet {

// Until its end; too_large beyond `limit` octets.
Result<std::string> read_whole(const FileDescriptor& source, std::size_t limit, const std::string& name);

enum class Durability { may_be_lost, on_the_disk };  // when this computer stops
// A file of the user alone, as it was or as it is to be at every moment. Its folder is made when it is not
// there.
Result<void> replace_file(const std::filesystem::path& path, ByteView octets, Durability durability);

}  // namespace signet
