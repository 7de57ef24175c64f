#pragma once

#include "agent/config.h"
#include "ipc/channel.h"
#include "ipc/event_loop.h"
#include "ipc/types.h"

#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signet::agent {

// Deadlines of calls to a host, after which it is killed.
inline constexpr std::chrono::seconds read_deadline{5};
inline constexpr std::chrono::seconds key_use_deadline{10};
inline constexpr std::chrono::seconds pin_pad_deadline{60};
// Loading a module and reading its tokens for the first time.
inline constexpr std::chrono::seconds start_deadline{15};

struct HostCall {
    std::string method;      // without the interface
    std::string parameters;  // encoded; wiped when sent
    std::vector<FileDescriptor> descriptors;
    std::chrono::seconds deadline;
    ipc::Channel::Answer answer;
};

// One signet-token process with one PKCS#11 module in it: started when first needed and again after it has
// ended, its calls queued, each with a deadline. A module that crashes, exits, hangs or talks nonsense ends
// its process; callers get driver_failed or timeout, and the next call starts a new one.
class TokenHost {
  public:
    struct Events {
        std::function<void()> tokens_changed;         // tokens() or failure() is another than before
        std::function<void(const TokenHost&)> ended;  // the process has ended: nothing is logged in any more
    };

    TokenHost(ipc::EventLoop& loop, ModuleConfig config, std::filesystem::path state_directory,
              Events events);
    ~TokenHost();
    TokenHost(const TokenHost&) = delete;
    TokenHost& operator=(const TokenHost&) = delete;

    void call(HostCall call);
    // Ends the process and answers all calls with driver_failed; later calls are answered so too.
    void stop();

    // Reads the tokens anew, or joins a reading under way; where the module tells of changes, and has been
    // read, answers at once.
    void refresh(std::function<void()> done);
    // Reads the tokens anew in any case, after a reading under way, then calls `done`.
    void read(std::function<void()> done);

    [[nodiscard]] const ModuleConfig& config() const { return m_config; }
    // As last read. Where a reading fails they stay, with a failure(), as long as the process lives.
    [[nodiscard]] const std::vector<ipc::Token>& tokens() const { return m_tokens; }
    // Why the module cannot be used.
    [[nodiscard]] const std::optional<std::string>& failure_detail() const { return m_failure; }
    [[nodiscard]] bool waits_for_events() const { return m_waits_for_events; }
    [[nodiscard]] bool busy() const;

  private:
    struct Worker;
    struct Process;

    Result<void> start();
    void work();
    void send(Worker& worker, HostCall call);
    void answered(Worker& worker, Result<ipc::Reply> reply);
    void start_reading();
    void tokens_read(Result<ipc::Reply> reply);
    void reading_failed(const Error& error);
    void set_tokens(std::vector<ipc::Token> tokens, std::optional<std::string> failure);
    void watch_for_changes();
    void watch_deadlines(std::chrono::steady_clock::time_point deadline);
    void check_deadlines();
    void kill_process();
    void process_ended(int wait_status);
    void fail_queue(const Error& error);

    ipc::EventLoop& m_loop;
    ModuleConfig m_config;
    std::filesystem::path m_state_directory;
    Events m_events;

    std::unique_ptr<Process> m_process;
    std::deque<HostCall> m_queue;
    ipc::Timer m_deadline_timer;

    std::vector<ipc::Token> m_tokens;
    std::optional<std::string> m_failure;
    bool m_waits_for_events = false;
    bool m_one_at_a_time = false;
    bool m_reading = false;
    bool m_stopped = false;
    std::vector<std::function<void()>> m_read_waiters;  // of the reading under way
    std::vector<std::function<void()>> m_next_waiters;  // of the one after it
    std::chrono::steady_clock::time_point m_timer_deadline;
};

}  // namespace signet::agent
