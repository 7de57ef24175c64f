// The floor below every agent: a message of the size of a Sign call goes over one or two Unix sockets and
// back, with nothing done to it on the way.
#include "base/file_descriptor.h"
#include "bench/samples.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace signet;
using Clock = std::chrono::steady_clock;
using Message = std::array<char, 300>;

constexpr int round_trips = 3000;
constexpr int warm_up_trips = 100;

std::pair<FileDescriptor, FileDescriptor> socket_pair() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        std::perror("bench-echo: socketpair");
        std::exit(EXIT_FAILURE);
    }
    return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

bool receive(const FileDescriptor& socket, Message& message) {
    return recv(socket.get(), message.data(), message.size(), MSG_WAITALL) ==
           static_cast<ssize_t>(message.size());
}

bool send_all(const FileDescriptor& socket, const Message& message) {
    return send(socket.get(), message.data(), message.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(message.size());
}

// Answers, or asks `next` for the answer, until the other side closes.
[[noreturn]] void serve(const FileDescriptor& socket, const FileDescriptor* next) {
    Message message{};
    while (receive(socket, message)) {
        if (next != nullptr && !(send_all(*next, message) && receive(*next, message))) {
            _exit(EXIT_FAILURE);
        }
        if (!send_all(socket, message)) {
            _exit(EXIT_FAILURE);
        }
    }
    _exit(EXIT_SUCCESS);
}

// A process that answers on the socket that is returned; the one after it, when there are more hops, does the
// work.
FileDescriptor start_chain(int hops) {
    auto [ours, theirs] = socket_pair();
    if (const pid_t child = fork(); child == 0) {
        ours.close();
        if (hops > 1) {
            const FileDescriptor next = start_chain(hops - 1);
            serve(theirs, &next);
        }
        serve(theirs, nullptr);
    }
    return std::move(ours);
}

void measure(const FileDescriptor& socket) {
    Message message{};
    bench::Samples samples;
    samples.reserve(round_trips);
    auto begin = Clock::now();
    for (int i = -warm_up_trips; i < round_trips; ++i) {
        const auto before = Clock::now();
        if (i == 0) {
            begin = before;
        }
        if (!send_all(socket, message) || !receive(socket, message)) {
            std::fputs("bench-echo: the other process is gone\n", stderr);
            std::exit(EXIT_FAILURE);
        }
        if (i >= 0) {
            samples.push_back((Clock::now() - before).count());
        }
    }
    bench::print(std::move(samples), (Clock::now() - begin).count());
}

}  // namespace

int main(int count, char** arguments) {
    const std::string_view hops = count == 2 ? arguments[1] : "";
    if (hops != "1" && hops != "2") {
        std::fputs("Usage: bench-echo 1|2\nPrints how long an echo over so many sockets takes, as JSON.\n",
                   stderr);
        return 2;
    }
    std::signal(SIGCHLD, SIG_IGN);
    measure(start_chain(hops == "1" ? 1 : 2));
}
