#include "setup/processes.h"

#include "base/file_descriptor.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <sstream>
#include <system_error>

namespace signet::setup {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_name = 256;
constexpr std::size_t max_maps = std::size_t{8} << 20;

std::string name_of_process(const fs::path& folder) {
    auto name = read_file((folder / "comm").string(), max_name).value_or("");
    if (!name.empty() && name.back() == '\n') {
        name.pop_back();
    }
    return name;
}

template <class Accept>
std::vector<Process> processes_that(const Surroundings& surroundings, Accept accept) {
    std::vector<Process> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(surroundings.on_machine("/proc"), error)) {
        const std::string number = entry.path().filename().string();
        pid_t pid = 0;
        const auto parsed = std::from_chars(number.data(), number.data() + number.size(), pid);
        if (parsed.ec != std::errc() || parsed.ptr != number.data() + number.size()) {
            continue;
        }
        Process process{.pid = pid, .name = name_of_process(entry.path())};
        if (!process.name.empty() && accept(process, entry.path())) {
            found.push_back(std::move(process));
        }
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.pid < b.pid; });
    return found;
}

}  // namespace

std::vector<Process> own_processes(const Surroundings& surroundings) {
    return processes_that(surroundings, [](const Process&, const fs::path& folder) {
        struct stat info {};
        return stat(folder.c_str(), &info) == 0 && info.st_uid == geteuid();
    });
}

std::vector<Process> processes_named(const Surroundings& surroundings, const std::string& name) {
    return processes_that(surroundings,
                          [&name](const Process& process, const fs::path&) { return process.name == name; });
}

std::vector<std::string> open_files(const Surroundings& surroundings, pid_t pid) {
    std::vector<std::string> files;
    std::error_code error;
    for (const auto& entry :
         fs::directory_iterator(surroundings.on_machine("/proc") / std::to_string(pid) / "fd", error)) {
        const auto file = fs::read_symlink(entry.path(), error);
        if (!error) {
            files.push_back(file.string());
        }
    }
    return files;
}

std::vector<std::string> mapped_files(const Surroundings& surroundings, pid_t pid) {
    const auto maps = surroundings.on_machine("/proc") / std::to_string(pid) / "maps";
    std::istringstream lines(read_file(maps.string(), max_maps).value_or(""));
    std::set<std::string> files;
    for (std::string line; std::getline(lines, line);) {
        if (const auto begin = line.find('/'); begin != std::string::npos) {
            files.insert(line.substr(begin));
        }
    }
    return {files.begin(), files.end()};
}

}  // namespace signet::setup
