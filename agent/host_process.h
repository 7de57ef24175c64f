#pragma once

#include "agent/host_subject.h"
#include "ipc/channel.h"
#include "ipc/codec.h"
#include "ipc/event_loop.h"

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet::agent {

struct HostCall {
    std::string method;      // without the interface
    std::string parameters;  // encoded; wiped when sent
    std::vector<FileDescriptor> descriptors;
    std::chrono::seconds deadline;  // after which the process is killed
    ipc::Channel::Answer answer;
    // Called when the answer takes longer than `patience`; null where nobody minds.
    std::function<void()> waits{};
    std::chrono::milliseconds patience{};
    std::string_view interface = ipc::token_interface;
    bool exclusive = false;  // nothing else runs in the process meanwhile
};

// The end of a process.
struct HostEnd {
    Error error;                 // what to tell those whose calls were lost
    std::vector<HostCall> lost;  // calls under way; their parameters are gone
};

// One helper process: its sessions, the calls under way with their deadlines, its end. It is killed
// when it breaks the protocol, closes a session or misses a deadline.
class HostProcess {
  public:
    struct Events {
        std::function<void()> session_free;  // a call was answered
        std::function<void(HostEnd)> ended;  // may destroy the object
    };

    static Result<std::unique_ptr<HostProcess>> start(ipc::EventLoop& loop, const HostSubject& subject,
                                                      Events events);
    // Kills it and waits for that.
    ~HostProcess();
    HostProcess(const HostProcess&) = delete;
    HostProcess& operator=(const HostProcess&) = delete;

    [[nodiscard]] pid_t pid() const { return m_pid; }
    // It was killed, and its end has not been seen yet.
    [[nodiscard]] bool dying() const { return m_dying; }
    [[nodiscard]] bool busy() const;

    // One of the first `sessions` sessions is free for it, and the process lives.
    [[nodiscard]] bool can_send(const HostCall& call, std::size_t sessions) const;
    // Precondition: can_send().
    void send(HostCall call);
    // Calls `method` ("org.signet…") on the session for events; `answer` gets each of the replies.
    void watch(std::string_view method, ipc::Channel::Answer answer);

    // Its end comes with Events::ended, and with this reason for those whose calls are lost.
    void kill(std::optional<Error> reason);
    // The same at once, without Events::ended.
    HostEnd end_now(Error reason);

  private:
    struct Session;

    HostProcess(ipc::EventLoop& loop, const HostSubject& subject, Events events);
    Result<void> spawn();
    void open_sessions(std::vector<FileDescriptor> sockets);
    [[nodiscard]] Session* free_session(std::size_t sessions) const;
    void answered(Session& session, Result<ipc::Reply> reply);
    void watch_deadlines(std::chrono::steady_clock::time_point deadline);
    void check_deadlines();
    HostEnd take_end(int wait_status);

    ipc::EventLoop& m_loop;
    HostSubject m_subject;
    Events m_events;
    pid_t m_pid = -1;
    std::unique_ptr<ipc::ReadWatch> m_exit_watch;
    std::vector<std::unique_ptr<Session>> m_sessions;
    std::unique_ptr<ipc::Channel> m_event_channel;
    bool m_dying = false;
    std::optional<Error> m_kill_reason;
    ipc::Timer m_deadline_timer;
    std::chrono::steady_clock::time_point m_timer_deadline;
};

}  // namespace signet::agent
