#include "cli/program.h"

#include <openssl/crypto.h>

#include <csignal>

int main(int argument_count, char** arguments) {
    // The end of the process frees what OpenSSL holds, at once.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
    // A reader that goes away is an error of write(), which is reported.
    std::signal(SIGPIPE, SIG_IGN);
    return static_cast<int>(signet::cli::run(argument_count, arguments));
}
