#include "setup/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace signet::setup {

namespace fs = std::filesystem;

Result<TemporaryFolder> TemporaryFolder::make() {
    std::error_code error;
    const fs::path parent = fs::temp_directory_path(error);
    std::string folder = ((error ? fs::path("/tmp") : parent) / "signet-setup-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) {
        return errno_failure("create", folder, errno);
    }
    return TemporaryFolder{fs::path(folder)};
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    if (!m_path.empty()) {
        fs::remove_all(m_path, ignored);
    }
}

}  // namespace signet::setup
