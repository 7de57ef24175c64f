#include "tests/support/requirements.h"

#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <string>

namespace signet::test {

bool running_in_ci() {
    const char* value = std::getenv("CI");
    return value != nullptr && std::string_view(value) == "true";
}

bool have_program(std::string_view name) {
    const char* path = std::getenv("PATH");
    std::istringstream folders(path != nullptr ? path : "");
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (access((folder + "/" + std::string(name)).c_str(), X_OK) == 0) {
            return true;
        }
    }
    return false;
}

std::filesystem::path corpora() {
    const std::filesystem::path path = SIGNET_CORPORA;
    return std::filesystem::is_directory(path) ? path : std::filesystem::path();
}

}  // namespace signet::test
