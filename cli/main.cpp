#include "cli/program.h"
#include "cli/sendmail/submission.h"

#include <openssl/crypto.h>

#include <csignal>
#include <span>
#include <string>
#include <vector>

namespace {

// sendmail's arguments are its own: signet sendmail -oi -f alice@example.org -- --odd@example.org
bool is_sendmail(const std::vector<std::string>& arguments) {
    return !arguments.empty() && arguments[0] == "sendmail" &&
           (arguments.size() == 1 || (arguments[1] != "--help" && arguments[1] != "-h"));
}

}  // namespace

int main(int argument_count, char** arguments) {
    // The end of the process frees what OpenSSL holds, at once.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
    // A reader that goes away is an error of write(), which is reported.
    std::signal(SIGPIPE, SIG_IGN);
    const std::vector<std::string> given(arguments + 1, arguments + argument_count);
    if (is_sendmail(given)) {
        return signet::sendmail::run(std::span(given).subspan(1));
    }
    return static_cast<int>(signet::cli::run(argument_count, arguments));
}
