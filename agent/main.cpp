#include "agent/agent.h"
#include "agent/config.h"
#include "base/command_line.h"
#include "base/directories.h"
#include "base/log.h"
#include "base/process.h"
#include "ipc/admin_codec.h"
#include "ipc/codec.h"
#include "ipc/event_loop.h"
#include "ipc/listener.h"
#include "ipc/server.h"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace {

using namespace signet;

constexpr char product[] = "signet-agent";
// Exit statuses of signet-agent(1).
constexpr int exit_usage = 2;
constexpr int exit_failure = 3;

constexpr char help[] =
    "Usage: signet-agent [--config FILE] [--socket PATH] [--check]\n"
    "\n"
    "Keeps the keys on your smart cards and tokens at the service of your programs.\n"
    "Runs in the foreground until it is told to end (SIGTERM, SIGINT).\n"
    "\n"
    "  --config FILE  read this file instead of /etc/signet/signet.toml and\n"
    "                 ~/.config/signet/signet.toml\n"
    "  --socket PATH  listen here instead of $XDG_RUNTIME_DIR/signet/agent.sock\n"
    "  --check        say what is wrong with the configuration, and exit\n"
    "  --version      print the version and exit\n"
    "  --help         print this and exit\n"
    "\n"
    "SIGHUP reads the configuration again. See signet-agent(1), signet.toml(5).\n";

struct Options {
    std::optional<std::filesystem::path> config;
    std::optional<std::filesystem::path> socket;
    bool check = false;
};

// Ends the process for --help, --version and wrong options.
Options parse_options(int argc, char** argv) {
    Options options;
    read_command_line(argc, argv, {.name = product, .help = help, .usage_status = exit_usage},
                      {{.name = "config", .path = &options.config},
                       {.name = "socket", .path = &options.socket},
                       {.name = "check", .flag = &options.check}});
    return options;
}

[[noreturn]] void die(const Error& error, int status) {
    std::fprintf(stderr, "%s: %s\n", product, error.detail.c_str());
    std::exit(status);
}

[[noreturn]] void die_of_settings(const Error& error, const Options& options) {
    std::fprintf(stderr, "%s: %s\n", product, error.detail.c_str());
    if (!options.check) {
        ipc::turn_clients_away([&options] { return agent::load_config(options.config).has_value(); });
    }
    std::exit(exit_usage);
}

// Each client is a descriptor, so ask for as many as may be had.
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

Result<std::filesystem::path> open_state_directory() {
    SIGNET_TRY(const auto path, state_directory());
    SIGNET_CHECK(make_private_directory(path));
    return path;
}

void reload(agent::Agent& the_agent, const Options& options) {
    const auto config = agent::load_config(options.config);
    if (!config) {
        log::error("keeping the old configuration: " + config.error().detail);
        return;
    }
    log::set_level(config->log_level);
    the_agent.reconfigure(*config);
    log::info("configuration reloaded");
}

void run(const Options& options) {
    const auto config = agent::load_config(options.config);
    if (!config) {
        die_of_settings(config.error(), options);
    }
    if (options.check) {
        return;
    }
    log::start(product, config->log_level);
    const auto state = open_state_directory();
    if (!state) {
        die(state.error(), exit_failure);
    }
    auto slots = agent::Slots::load(*state / "slots");
    if (!slots) {
        die(slots.error(), exit_failure);
    }
    // Before anybody can know of the socket: whoever sees it may send signals.
    ipc::EventLoop loop;
    agent::Agent the_agent(loop, *config, std::move(*slots), *state);
    loop.on_signals({SIGTERM, SIGINT}, [&loop](int) { loop.stop(); });
    loop.on_signals({SIGHUP}, [&the_agent, &options](int) { reload(the_agent, options); });
    auto listener = ipc::Listener::open(options.socket);
    if (!listener) {
        die(listener.error(), exit_failure);
    }
    const ipc::Server server(loop, listener->take_socket(),
                             {.interfaces = {ipc::agent_interface, ipc::admin_interface},
                              .product = product,
                              .may_accept =
                                  [&] {
                                      // systemd holds the socket: the waiting client is served by the new
                                      // program.
                                      const bool replaced = listener->activated_by_systemd() &&
                                                            the_agent.idle() && executable_was_replaced();
                                      if (replaced) {
                                          loop.stop();
                                      }
                                      return !replaced;
                                  }},
                             [&the_agent](const ipc::CallPointer& call) { the_agent.handle(call); });
    the_agent.start(*config);
    loop.run();
    the_agent.stop();
}

}  // namespace

int main(int argc, char** argv) {
    const Options options = parse_options(argc, argv);
    harden_process();
    raise_descriptor_limit();
    std::signal(SIGPIPE, SIG_IGN);
    run(options);
    // A prompt's thread may still wait for its pinentry to go: it is not waited for.
    end_process();
}
