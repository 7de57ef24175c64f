#pragma once

#include "base/file_descriptor.h"
#include "base/log.h"

#include <vector>

// What the programs that signet-agent starts have in common on their command lines.
namespace signet::ipc {

struct HelperOptions {
    std::vector<int> sockets;  // inherited
    log::Level log_level = log::Level::warning;
    bool help = false;
    bool version = false;
};

// Takes one of the options, by its letter: 's' --sockets, 'l' --log-level, 'h' --help, 'V' --version. Another
// letter, and a wrong value, is configuration; its detail says what is wrong.
Result<void> apply_helper_option(HelperOptions& options, int letter, const char* value);

// Call once: the descriptors belong to the result.
Result<std::vector<FileDescriptor>> take_over_sockets(const HelperOptions& options);

}  // namespace signet::ipc
