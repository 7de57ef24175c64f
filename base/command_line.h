#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace signet {

// "--name", which sets `flag`, or "--name PATH", which sets `path`.
struct LongOption {
    const char* name;
    std::optional<std::filesystem::path>* path = nullptr;
    bool* flag = nullptr;
};

struct ProgramDescription {
    const char* name;
    const char* help;
    int usage_status;  // the exit status for a wrong command line
};

// Of a program with long options alone. Ends the process for --help, --version and what is wrong.
void read_command_line(int argc, char** argv, const ProgramDescription& program,
                       const std::vector<LongOption>& options);

}  // namespace signet
