#include "base/command_line.h"
#include "base/directories.h"
#include "base/log.h"
#include "base/process.h"
#include "ipc/listener.h"
#include "ssh/server.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace signet;

constexpr char product[] = "signet-ssh-agent";
// Exit statuses of signet-ssh-agent(1).
constexpr int exit_usage = 2;
constexpr int exit_failure = 3;

constexpr char help[] =
    "Usage: signet-ssh-agent [--config FILE] [--socket PATH] [--forward-socket PATH]\n"
    "                        [--check]\n"
    "\n"
    "Serves the keys of signet-agent that may authenticate to SSH programs.\n"
    "Runs in the foreground until it is told to end (SIGTERM, SIGINT).\n"
    "\n"
    "  --config FILE          read this file instead of /etc/signet/ssh.toml and\n"
    "                         ~/.config/signet/ssh.toml\n"
    "  --socket PATH          listen here instead of $XDG_RUNTIME_DIR/signet/ssh.sock\n"
    "  --forward-socket PATH  the socket for other machines, instead of\n"
    "                         $XDG_RUNTIME_DIR/signet/ssh-forward.sock\n"
    "  --check                say what is wrong with the settings, and exit\n"
    "  --version              print the version and exit\n"
    "  --help                 print this and exit\n"
    "\n"
    "Set SSH_AUTH_SOCK to the first socket. SIGHUP reads the settings again.\n"
    "See signet-ssh-agent(1), signet-ssh.toml(5).\n";

struct Options {
    std::optional<std::filesystem::path> config;
    std::optional<std::filesystem::path> socket;
    std::optional<std::filesystem::path> forward_socket;
    bool check = false;
};

// Ends the process for --help, --version and wrong options.
Options parse_options(int argc, char** argv) {
    Options options;
    read_command_line(argc, argv, {.name = product, .help = help, .usage_status = exit_usage},
                      {{.name = "config", .path = &options.config},
                       {.name = "socket", .path = &options.socket},
                       {.name = "forward-socket", .path = &options.forward_socket},
                       {.name = "check", .flag = &options.check}});
    for (auto* socket : {&options.socket, &options.forward_socket}) {
        if (*socket) {
            *socket = std::filesystem::absolute(**socket);
        }
    }
    return options;
}

[[noreturn]] void die(const Error& error, int status) {
    std::fprintf(stderr, "%s: %s\n", product, error.detail.c_str());
    std::exit(status);
}

[[noreturn]] void die_of_settings(const Error& error, const Options& options) {
    std::fprintf(stderr, "%s: %s\n", product, error.detail.c_str());
    if (!options.check) {
        ipc::turn_clients_away([&options] { return ssh::load_settings(options.config).has_value(); });
    }
    std::exit(exit_usage);
}

// There is no secret here. The process stays dumpable, so that signet-agent can read its name for prompts.
void lower_rights() {
    umask(S_IRWXG | S_IRWXO);
    const rlimit no_core{.rlim_cur = 0, .rlim_max = 0};
    (void)setrlimit(RLIMIT_CORE, &no_core);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

struct Entrance {
    ipc::Listener listener;
    FileDescriptor socket;
    ssh::Access access;
};

Entrance entrance(ipc::Listener listener, ssh::Access access) {
    FileDescriptor socket = listener.take_socket();
    return {.listener = std::move(listener), .socket = std::move(socket), .access = access};
}

// Those of systemd, told apart by the names that the units give them; else our own, that for other machines
// only where the settings list keys for them.
Result<std::vector<Entrance>> open_entrances(const Options& options, const ssh::Settings& settings) {
    constexpr std::string_view forward_name = "forward";
    std::vector<Entrance> entrances;
    SIGNET_TRY(auto passed, ipc::take_passed_sockets());
    for (auto& [name, socket] : passed) {
        entrances.push_back(entrance(ipc::Listener(std::move(socket)),
                                     name == forward_name ? ssh::Access::restricted : ssh::Access::full));
    }
    if (!entrances.empty()) {
        return entrances;
    }
    const auto folder = runtime_directory();
    SIGNET_TRY(auto own, ipc::Listener::make(options.socket.value_or(folder / "ssh.sock")));
    entrances.push_back(entrance(std::move(own), ssh::Access::full));
    if (!settings.forward_keys.empty()) {
        SIGNET_TRY(auto other,
                   ipc::Listener::make(options.forward_socket.value_or(folder / "ssh-forward.sock")));
        entrances.push_back(entrance(std::move(other), ssh::Access::restricted));
    }
    return entrances;
}

// Blocks them for this thread and all that follow.
FileDescriptor take_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        sigaddset(&signals, number);
    }
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    return FileDescriptor(signalfd(-1, &signals, SFD_CLOEXEC));
}

void reload(ssh::Server& server, const Options& options) {
    auto settings = ssh::load_settings(options.config);
    if (!settings) {
        log::error("keeping the old settings: " + settings.error().detail);
        return;
    }
    server.set_settings(std::move(*settings));
    log::info("settings reloaded");
}

// False when the process shall end.
bool obey_signal(const FileDescriptor& signals, ssh::Server& server, const Options& options) {
    signalfd_siginfo info{};
    if (read(signals.get(), &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo != SIGHUP) {
            return false;
        }
        reload(server, options);
    }
    return true;
}

// systemd holds the socket then: the waiting client is served by the new program.
bool gives_way(const Entrance& entrance, const ssh::Server& server) {
    return entrance.listener.activated_by_systemd() && server.idle() && executable_was_replaced();
}

void serve(const std::vector<Entrance>& entrances, const FileDescriptor& signals, ssh::Server& server,
           const Options& options) {
    std::vector<pollfd> waiting{{.fd = signals.get(), .events = POLLIN, .revents = 0}};
    for (const auto& entry : entrances) {
        waiting.push_back({.fd = entry.socket.get(), .events = POLLIN, .revents = 0});
    }
    for (;;) {
        if (poll(waiting.data(), waiting.size(), -1) < 0) {
            continue;
        }
        if (waiting[0].revents != 0 && !obey_signal(signals, server, options)) {
            return;
        }
        for (std::size_t i = 0; i < entrances.size(); ++i) {
            if (waiting[i + 1].revents == 0) {
                continue;
            }
            if (gives_way(entrances[i], server)) {
                return;
            }
            server.accept_from(entrances[i].socket.get(), entrances[i].access);
        }
    }
}

void run(const Options& options) {
    auto settings = ssh::load_settings(options.config);
    if (!settings) {
        die_of_settings(settings.error(), options);
    }
    if (options.check) {
        return;
    }
    log::start(product, log::Level::info);
    // Before anybody can know of the socket: whoever sees it may send signals.
    const FileDescriptor signals = take_signals();
    const auto entrances = open_entrances(options, *settings);
    if (!entrances) {
        die(entrances.error(), exit_failure);
    }
    ssh::Server server(std::move(*settings));
    serve(*entrances, signals, server, options);
}

}  // namespace

int main(int argc, char** argv) {
    const Options options = parse_options(argc, argv);
    lower_rights();
    std::signal(SIGPIPE, SIG_IGN);
    run(options);
    // Threads may still wait for their clients.
    end_process();
}
