#include "cli/program.h"

#include <csignal>

int main(int argument_count, char** arguments) {
    // A reader that goes away is an error of write(), which is reported.
    std::signal(SIGPIPE, SIG_IGN);
    return static_cast<int>(signet::cli::run(argument_count, arguments));
}
