#include "base/directories.h"
#include "base/file_descriptor.h"
#include "base/log.h"
#include "base/process.h"
#include "host/options.h"
#include "host/readers_service.h"
#include "host/service.h"
#include "host/unpack.h"
#include "ipc/admin_codec.h"
#include "ipc/blocking_server.h"
#include "ipc/codec.h"
#include "ipc/readers.h"
#include "piv/driver.h"
#include "pkcs11/driver/driver.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <future>
#include <memory>
#include <string_view>
#include <thread>

namespace {

using namespace signet;

// The driver, or why the module cannot be used: the answer to every call then.
using OpenedDriver = Result<std::unique_ptr<token::Driver>>;

// How long a module may take to log out when the agent is gone.
constexpr unsigned logout_seconds = 1;

// What a module prints must not reach whoever reads this program's standard output.
void send_output_to_standard_error() {
    dup2(STDERR_FILENO, STDOUT_FILENO);
}

void serve_socket(const FileDescriptor& socket, ipc::Interfaces interfaces, const ipc::CallHandler& handler) {
    const auto served = ipc::serve(socket, interfaces, "signet-token", handler);
    if (!served) {
        log::warning("a session ended: " + served.error().detail);
    }
    // The agent sees that this session is over, and the watching thread that it hung up.
    shutdown(socket.get(), SHUT_RDWR);
}

void serve_driver(const FileDescriptor& socket, const OpenedDriver& driver) {
    const auto service = driver ? std::make_unique<host::Service>(**driver) : nullptr;
    serve_socket(socket, std::array{ipc::token_interface, ipc::admin_interface},
                 [&service, &driver](const ipc::IncomingCall& incoming) -> Result<std::string> {
                     if (!service) {
                         return Failure(driver.error());
                     }
                     return service->answer(incoming);
                 });
}

// Blocks until every socket is closed on the other side, whatever the threads that serve them are doing.
void wait_for_the_end(const std::vector<FileDescriptor>& sockets) {
    std::vector<pollfd> watched;
    watched.reserve(sockets.size());
    for (const FileDescriptor& socket : sockets) {
        // Hanging up is reported unasked.
        watched.push_back({.fd = socket.get(), .events = 0, .revents = 0});
    }
    while (std::any_of(watched.begin(), watched.end(), [](const pollfd& entry) { return entry.fd >= 0; })) {
        (void)poll(watched.data(), watched.size(), -1);
        for (pollfd& entry : watched) {
            if (entry.revents != 0) {
                entry.fd = -1;
            }
        }
    }
}

OpenedDriver open_driver(const host::Options& options) {
    auto state = options.state_directory.empty() ? state_directory() : options.state_directory;
    if (!state) {
        return Failure(std::move(state).error());
    }
    if (!options.reader.empty()) {
        SIGNET_TRY(auto cache, cache_directory());
        SIGNET_TRY(auto driver, piv::Driver::open({.reader = options.reader,
                                                   .state_directory = *std::move(state),
                                                   .cache_directory = std::move(cache),
                                                   .deauthenticate = options.deauthenticate}));
        return driver;
    }
    return pkcs11::Driver::open(
        {.module = options.module, .sessions = options.sessions, .state_directory = *std::move(state)});
}

// Never returns: its threads wait for readers.
[[noreturn]] void watch_readers(const std::vector<FileDescriptor>& sockets) {
    for (const FileDescriptor& socket : sockets) {
        std::thread([&socket] {
            serve_socket(socket, std::array{ipc::readers_interface}, host::answer_readers_call);
        }).detach();
    }
    wait_for_the_end(sockets);
    end_process();
}

// Never returns: threads may sit inside the module for ever.
[[noreturn]] void drive(const host::Options& options, const std::vector<FileDescriptor>& sockets) {
    std::promise<OpenedDriver*> opening;
    std::shared_future<OpenedDriver*> opened = opening.get_future();
    for (const FileDescriptor& socket : sockets) {
        std::thread([&socket, opened] { serve_driver(socket, *opened.get()); }).detach();
    }
    std::thread([&options, &opening] {
        auto* driver = new OpenedDriver(open_driver(options));
        if (!*driver) {
            log::error(driver->error().detail);
        }
        opening.set_value(driver);
    }).detach();

    wait_for_the_end(sockets);
    if (opened.wait_for(std::chrono::seconds(0)) == std::future_status::ready && *opened.get()) {
        // SIGALRM ends the process when the module does not answer.
        alarm(logout_seconds);
        (**opened.get())->logout_all();
        alarm(0);
    }
    end_process();
}

}  // namespace

int main(int count, char** arguments) {
    if (count > 1 && std::string_view(arguments[1]) == host::unpack_option) {
        return host::unpack_pkcs12(count, arguments);
    }
    const auto options = host::parse_options(count, arguments);
    if (!options) {
        std::fprintf(stderr, "signet-token: %s\n%s", options.error().detail.c_str(), host::usage);
        return 2;
    }
    if (options->help || options->version) {
        std::fputs(options->help ? host::usage : "signet-token " SIGNET_VERSION "\n", stdout);
        return 0;
    }
    harden_process();
    std::signal(SIGPIPE, SIG_IGN);
    log::start("signet-token", options->log_level);
    send_output_to_standard_error();
    const auto sockets = ipc::take_over_sockets(*options);
    if (!sockets) {
        std::fprintf(stderr, "signet-token: %s\n", sockets.error().detail.c_str());
        return 2;
    }
    if (options->watch_readers) {
        watch_readers(*sockets);
    }
    drive(*options, *sockets);
}
