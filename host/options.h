#pragma once

#include "ipc/helper_options.h"

#include <filesystem>
#include <string>

namespace signet::host {

struct Options : ipc::HelperOptions {
    // What is driven: exactly one of the three.
    std::string module;          // a PKCS#11 module
    std::string reader;          // the PIV card in this PC/SC reader
    bool watch_readers = false;  // nothing: org.signet.readers is served
    int sessions = 1;
    bool deauthenticate = true;             // the PIV card forgets the PIN after each use
    std::filesystem::path state_directory;  // empty: the default one
};

// A wrong command line is configuration; its detail says what is wrong.
Result<Options> parse_options(int count, char** arguments);

extern const char* const usage;

}  // namespace signet::host
