// usage: bench-process PROGRAM [ARGUMENT...]
//
// Runs a program, whose output it drops, and prints {"seconds": ..., "peak_kib": ..., "status": ...}. A
// script could do it, but the peak memory of a process is at least that of the one that started it.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <system_error>

int main(int argument_count, char** arguments) {
    if (argument_count < 2) {
        std::fputs("usage: bench-process PROGRAM [ARGUMENT...]\n", stderr);
        return 2;
    }
    const auto begin = std::chrono::steady_clock::now();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child = -1;
    const int failed = posix_spawnp(&child, arguments[1], &actions, nullptr, arguments + 1, environ);
    if (failed != 0) {
        std::fprintf(stderr, "%s: %s\n", arguments[1], std::generic_category().message(failed).c_str());
        return 1;
    }
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    std::printf("{\"seconds\": %.6f, \"peak_kib\": %ld, \"status\": %d}\n", elapsed.count(), usage.ru_maxrss,
                WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
