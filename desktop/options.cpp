#include "desktop/options.h"

#include <getopt.h>

namespace signet::desktop {

const char* const usage =
    "Usage: signet-desktop --sockets N[,N...] [--log-level LEVEL]\n"
    "Tells signet-agent, which starts it, that the screen is locked or the machine goes to\n"
    "sleep, and shows the agent's notifications on the desktop.\n"
    "\n"
    "  --sockets N,...    inherited socket descriptors to serve on\n"
    "  --log-level LEVEL  debug, info, warning (default) or error\n"
    "  --version          print the version\n"
    "  --help             print this text\n";

Result<ipc::HelperOptions> parse_options(int count, char** arguments) {
    static const option known[] = {{"sockets", required_argument, nullptr, 's'},
                                   {"log-level", required_argument, nullptr, 'l'},
                                   {"help", no_argument, nullptr, 'h'},
                                   {"version", no_argument, nullptr, 'V'},
                                   {nullptr, 0, nullptr, 0}};
    ipc::HelperOptions options;
    opterr = 0;
    for (int option = 0; (option = getopt_long(count, arguments, "", known, nullptr)) != -1;) {
        SIGNET_CHECK(ipc::apply_helper_option(options, option, optarg));
    }
    if (options.help || options.version) {
        return options;
    }
    if (optind != count || options.sockets.empty()) {
        return failure(ErrorCode::configuration, "command line", "--sockets is needed, and nothing else");
    }
    return options;
}

}  // namespace signet::desktop
