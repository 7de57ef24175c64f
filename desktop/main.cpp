#include "base/log.h"
#include "base/process.h"
#include "desktop/options.h"
#include "desktop/service.h"
#include "ipc/desktop.h"
#include "ipc/event_loop.h"
#include "ipc/server.h"

#include <csignal>
#include <cstdio>

namespace {

using namespace signet;

constexpr std::string_view product = "signet-desktop";

// Until the agent closes its sockets.
void serve(std::vector<FileDescriptor> sockets) {
    ipc::EventLoop loop;
    desktop::Service service(loop);
    const ipc::Server server(
        loop, std::move(sockets), {.interfaces = {ipc::desktop_interface}, .product = product},
        [&service](const ipc::CallPointer& call) { service.handle(call); }, [&loop] { loop.stop(); });
    loop.run();
}

}  // namespace

int main(int count, char** arguments) {
    const auto options = desktop::parse_options(count, arguments);
    if (!options) {
        std::fprintf(stderr, "signet-desktop: %s\n%s", options.error().detail.c_str(), desktop::usage);
        return 2;
    }
    if (options->help || options->version) {
        std::fputs(options->help ? desktop::usage : "signet-desktop " SIGNET_VERSION "\n", stdout);
        return 0;
    }
    harden_process();
    std::signal(SIGPIPE, SIG_IGN);
    log::start(product, options->log_level);
    auto sockets = ipc::take_over_sockets(*options);
    if (!sockets) {
        std::fprintf(stderr, "signet-desktop: %s\n", sockets.error().detail.c_str());
        return 2;
    }
    serve(std::move(*sockets));
}
