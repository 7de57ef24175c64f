#pragma once

#include "base/file_descriptor.h"

#include <sys/types.h>

#include <chrono>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace signet::setup {

// A process that is ended with the object, unless it was waited for.
class Child {
  public:
    explicit Child(pid_t pid) : m_pid(pid) {}
    Child(Child&& other) noexcept : m_pid(std::exchange(other.m_pid, -1)) {}
    Child& operator=(Child&&) = delete;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();
    // The exit status; 128 and the signal's number where one ended it.
    int wait();

  private:
    pid_t m_pid;
};

// A descriptor of this process, and the number that a child has it under.
struct Inherited {
    int own = -1;
    int number = -1;
};

// What a child says on one descriptor.
struct Stream {
    FileDescriptor descriptor;
    std::string text;
};

// Starts a program of the person with nothing on its standard input. `changes` are variables ("NAME=value")
// that it gets besides this process's own.
Result<Child> start_program(const std::vector<std::string>& command, const std::vector<std::string>& changes,
                            const std::vector<Inherited>& inherited);
// All streams to their ends. Too much is too_large; too late is timeout.
Result<void> read_all(std::span<Stream> streams, const std::string& name, std::chrono::milliseconds limit);

struct ProgramResult {
    int status = 0;           // as Child::wait() has it
    std::string output;       // standard output
    std::string diagnostics;  // standard error
};

// Runs a program to its end.
Result<ProgramResult> run_program(const std::vector<std::string>& command,
                                  const std::vector<std::string>& changes = {},
                                  std::chrono::milliseconds limit = std::chrono::seconds(10));

}  // namespace signet::setup
