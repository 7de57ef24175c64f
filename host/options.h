#pragma once

#include "base/log.h"
#include "base/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace signet::host {

struct Options {
    std::string module;
    std::vector<int> sockets;
    int sessions = 1;
    std::filesystem::path state_directory;  // empty: the default one
    log::Level log_level = log::Level::warning;
    bool help = false;
    bool version = false;
};

// A wrong command line is configuration; its detail says what is wrong.
Result<Options> parse_options(int count, char** arguments);

extern const char* const usage;

}  // namespace signet::host
