#include "host/options.h"

#include "pkcs11/driver/gate.h"

#include <getopt.h>

#include <charconv>
#include <string_view>

namespace signet::host {
namespace {

Failure wrong(std::string detail) {
    return failure(ErrorCode::configuration, "command line", std::move(detail));
}

Result<int> parse_number(std::string_view text, int least, int most) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < least || number > most) {
        return wrong("not a number from " + std::to_string(least) + " to " + std::to_string(most) + ": " +
                     std::string(text));
    }
    return number;
}

Result<void> apply(Options& options, int option, const char* value) {
    switch (option) {
        case 'm':
            options.module = value;
            return {};
        case 'r':
            options.reader = value;
            return {};
        case 'w':
            options.watch_readers = true;
            return {};
        case 'k':
            options.deauthenticate = false;
            return {};
        case 'n': {
            SIGNET_TRY(options.sessions, parse_number(value, 1, pkcs11::Gate::most));
            return {};
        }
        case 'd':
            options.state_directory = value;
            return {};
        default:
            return ipc::apply_helper_option(options, option, value);
    }
}

Result<void> check_complete(const Options& options, bool everything_read) {
    if (options.help || options.version) {
        return {};
    }
    if (!everything_read) {
        return wrong("there are no arguments besides options");
    }
    const int tasks =
        (options.module.empty() ? 0 : 1) + (options.reader.empty() ? 0 : 1) + (options.watch_readers ? 1 : 0);
    if (tasks != 1 || options.sockets.empty()) {
        return wrong("one of --module, --reader and --watch-readers is needed, and --sockets");
    }
    return {};
}

}  // namespace

const char* const usage =
    "Usage: signet-token --module FILE --sockets N[,N...] [option...]\n"
    "       signet-token --reader NAME --sockets N[,N...] [option...]\n"
    "       signet-token --watch-readers --sockets N\n"
    "       signet-token --unpack-pkcs12 N,N,N,N\n"
    "Drives one PKCS#11 module, or the PIV card in one reader, for signet-agent,\n"
    "which starts it; tells the agent which readers hold a card; or unpacks a key for it.\n"
    "\n"
    "  --module FILE       drive this PKCS#11 module\n"
    "  --reader NAME       drive the PIV card in this PC/SC reader\n"
    "  --watch-readers     serve org.signet.readers instead of org.signet.token\n"
    "  --unpack-pkcs12 N,N,N,N\n"
    "                      inherited descriptors: a PKCS#12 file and its password, which are read,\n"
    "                      and pipes for the private key and the certificates\n"
    "  --sockets N,...     inherited socket descriptors to serve on\n"
    "  --sessions N        operations that may run in the module at the same time (default 1)\n"
    "  --keep-verified     leave the PIV card with its PIN verified between two uses\n"
    "  --state DIR         folder that keeps the secrets for rejected ciphertexts\n"
    "  --log-level LEVEL   debug, info, warning (default) or error\n"
    "  --version           print the version\n"
    "  --help              print this text\n";

Result<Options> parse_options(int count, char** arguments) {
    static const option known[] = {{"module", required_argument, nullptr, 'm'},
                                   {"reader", required_argument, nullptr, 'r'},
                                   {"watch-readers", no_argument, nullptr, 'w'},
                                   {"keep-verified", no_argument, nullptr, 'k'},
                                   {"sockets", required_argument, nullptr, 's'},
                                   {"sessions", required_argument, nullptr, 'n'},
                                   {"state", required_argument, nullptr, 'd'},
                                   {"log-level", required_argument, nullptr, 'l'},
                                   {"help", no_argument, nullptr, 'h'},
                                   {"version", no_argument, nullptr, 'V'},
                                   {nullptr, 0, nullptr, 0}};
    Options options;
    opterr = 0;
    for (int option = 0; (option = getopt_long(count, arguments, "", known, nullptr)) != -1;) {
        SIGNET_CHECK(apply(options, option, optarg));
    }
    SIGNET_CHECK(check_complete(options, optind == count));
    return options;
}

}  // namespace signet::host
