#include "fetch/program.h"

#include <csignal>

int main(int argument_count, char** arguments) {
    // A reader that goes away is an error of write(), which is reported.
    std::signal(SIGPIPE, SIG_IGN);
    return signet::fetch::run(argument_count, arguments);
}
