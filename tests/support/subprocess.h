#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace signet::test {

// Variables set on top of this process's own environment.
using Variables = std::map<std::string, std::string>;

struct ProcessResult {
    int exit_status = -1;  // 128 + signal when a signal ended it
    std::string output;
    std::string error_output;
};

struct RunOptions {
    std::string input;
    Variables variables;
    std::string working_directory;
    std::chrono::seconds timeout{60};  // after it the process is killed: status 137
};

// Runs a program to its end. `arguments[0]` is searched in $PATH. The report of a sanitizer on its standard
// error fails the test.
ProcessResult run(const std::vector<std::string>& arguments, const RunOptions& options = {});
// The same, but a non-zero status throws with the program's error output.
std::string run_checked(const std::vector<std::string>& arguments, const RunOptions& options = {});

// A program in the background, ended (SIGTERM, after 30 s SIGKILL) when the object goes.
class BackgroundProcess {
  public:
    // Standard output and error go to `log_path`.
    BackgroundProcess(const std::vector<std::string>& arguments, const Variables& variables,
                      const std::string& log_path);
    ~BackgroundProcess();
    BackgroundProcess(const BackgroundProcess&) = delete;
    BackgroundProcess& operator=(const BackgroundProcess&) = delete;

    [[nodiscard]] pid_t pid() const { return m_pid; }
    [[nodiscard]] bool running();
    void signal(int number) const;
    // Ends it, waits, and returns its status as ProcessResult has it.
    int stop(int signal_number = 15);
    // Waits for it to end by itself; kills it after the timeout.
    int wait(std::chrono::seconds timeout);

  private:
    pid_t m_pid = -1;
    int m_status = -1;
};

// Fails the test when a sanitizer has written a report to a program's log.
void expect_no_sanitizer_report(const std::string& log);

// Polls until `condition()` holds; false when it does not within the timeout.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds timeout = std::chrono::seconds(10));

}  // namespace signet::test

#include <thread>

template <class Condition>
bool signet::test::eventually(Condition condition, std::chrono::milliseconds timeout) {
    const auto end = std::chrono::steady_clock::now() + timeout;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}
