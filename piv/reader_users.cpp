#include "piv/reader_users.h"

#include "base/bytes.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

namespace signet::piv {
namespace {

std::optional<pid_t> process_number(const std::filesystem::path& entry) {
    const std::string name = entry.filename();
    pid_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    return error == std::errc() && end == name.data() + name.size() ? std::optional(number) : std::nullopt;
}

// A client of pcscd has its library loaded to run it, where a linker or a search program only reads it; which
// socket leads where only root could find out.
bool has_client_library(const std::filesystem::path& process) {
    std::ifstream maps(process / "maps");
    std::string line;
    while (std::getline(maps, line)) {
        const bool runs = line.find(" r-xp ") != std::string::npos;
        if (runs && line.find("/libpcsclite") != std::string::npos) {
            return true;
        }
    }
    return false;
}

std::string name_of(const std::filesystem::path& process) {
    std::string name;
    std::ifstream file(process / "comm");
    std::getline(file, name);
    return printable_utf8(name);
}

}  // namespace

std::vector<std::string> reader_users() {
    std::vector<std::string> users;
    std::error_code error;
    for (auto entry = std::filesystem::directory_iterator("/proc", error);
         !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        const auto number = process_number(entry->path());
        if (!number || *number == getpid() || !has_client_library(entry->path())) {
            continue;
        }
        const std::string name = name_of(entry->path());
        // Ours share the card, and pcscd is the one that was asked.
        if (!name.empty() && name != "signet-token" && name != "pcscd") {
            users.push_back(name + " (" + std::to_string(*number) + ")");
        }
    }
    std::sort(users.begin(), users.end());
    return users;
}

}  // namespace signet::piv
