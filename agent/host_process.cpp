#include "agent/host_process.h"

#include "agent/spawn.h"
#include "base/bytes.h"
#include "base/log.h"

#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <utility>

namespace signet::agent {
namespace {

using Clock = std::chrono::steady_clock;

std::string ending(int wait_status) {
    if (WIFSIGNALED(wait_status)) {
        return "was ended by signal " + std::to_string(WTERMSIG(wait_status)) + " (" +
               strsignal(WTERMSIG(wait_status)) + ")";
    }
    return "exited with status " + std::to_string(WEXITSTATUS(wait_status));
}

std::string socket_list(std::size_t count) {
    constexpr std::size_t first_inherited = 3;
    std::string list;
    for (std::size_t i = 0; i < count; ++i) {
        list += (i > 0 ? "," : "") + std::to_string(first_inherited + i);
    }
    return list;
}

// The connection is of no more use after these; others are answers.
bool breaks_connection(ErrorCode code) {
    return code == ErrorCode::agent_unavailable || code == ErrorCode::protocol ||
           code == ErrorCode::too_large || code == ErrorCode::input_output;
}

}  // namespace

// A socket pair, and the call that is under way on it.
struct HostProcess::Session {
    explicit Session(ipc::EventLoop& loop) : patience(loop) {}

    std::unique_ptr<ipc::Channel> channel;
    ipc::Timer patience;
    std::optional<HostCall> current;
    Clock::time_point deadline;
    bool lost = false;  // the channel has failed; `current` waits to hear how the process ended
};

HostProcess::HostProcess(ipc::EventLoop& loop, const HostSubject& subject, Events events)
    : m_loop(loop), m_subject(subject), m_events(std::move(events)), m_deadline_timer(loop) {}

HostProcess::~HostProcess() {
    if (m_exit_watch) {
        ::kill(m_pid, SIGKILL);
        waitpid(m_pid, nullptr, 0);
    }
}

Result<std::unique_ptr<HostProcess>> HostProcess::start(ipc::EventLoop& loop, const HostSubject& subject,
                                                        Events events) {
    std::unique_ptr<HostProcess> process(new HostProcess(loop, subject, std::move(events)));
    SIGNET_CHECK(process->spawn());
    log::debug(subject.title + ": host " + std::to_string(process->m_pid) + " started");
    return process;
}

Result<void> HostProcess::spawn() {
    SIGNET_TRY(const auto program, helper_program(m_subject.program));
    std::vector<FileDescriptor> ours;
    std::vector<FileDescriptor> theirs;
    for (unsigned i = 0; i < m_subject.sessions + 1; ++i) {
        SIGNET_TRY(auto pair, make_socket_pair());
        ours.push_back(std::move(pair.first));
        theirs.push_back(std::move(pair.second));
    }
    ChildOptions options{.arguments = {program}};
    options.arguments.insert(options.arguments.end(), m_subject.arguments.begin(), m_subject.arguments.end());
    options.arguments.insert(options.arguments.end(), {"--sockets", socket_list(theirs.size()), "--log-level",
                                                       std::string(log::name_of(log::level()))});
    options.descriptors = std::move(theirs);
    SIGNET_TRY(auto child, spawn_child(options));
    m_pid = child.pid;
    m_exit_watch = std::make_unique<ipc::ReadWatch>(m_loop, std::move(child.pidfd));
    m_exit_watch->wait([this] {
        int status = 0;
        waitpid(m_pid, &status, 0);
        // The handler may destroy this object, and itself with it.
        const auto ended = std::move(m_events.ended);
        ended(take_end(status));
    });
    open_sessions(std::move(ours));
    return {};
}

// The last socket is for events.
void HostProcess::open_sessions(std::vector<FileDescriptor> sockets) {
    const auto open = [this](FileDescriptor socket) {
        return std::make_unique<ipc::Channel>(m_loop, std::move(socket), [this] { kill({}); });
    };
    for (unsigned i = 0; i < m_subject.sessions; ++i) {
        m_sessions.push_back(std::make_unique<Session>(m_loop));
        m_sessions.back()->channel = open(std::move(sockets[i]));
    }
    m_event_channel = open(std::move(sockets.back()));
}

bool HostProcess::busy() const {
    return std::any_of(m_sessions.begin(), m_sessions.end(),
                       [](const auto& session) { return session->current.has_value(); });
}

HostProcess::Session* HostProcess::free_session(std::size_t sessions) const {
    if (m_dying) {
        return nullptr;
    }
    const auto end = m_sessions.begin() + static_cast<std::ptrdiff_t>(std::min(sessions, m_sessions.size()));
    const auto found = std::find_if(m_sessions.begin(), end,
                                    [](const auto& session) { return !session->current && !session->lost; });
    return found != end ? found->get() : nullptr;
}

bool HostProcess::can_send(const HostCall& call, std::size_t sessions) const {
    const bool alone = std::none_of(m_sessions.begin(), m_sessions.end(), [&call](const auto& session) {
        return session->current && (session->current->exclusive || call.exclusive);
    });
    return alone && free_session(sessions) != nullptr;
}

void HostProcess::send(HostCall call) {
    Session& session = *free_session(m_sessions.size());
    std::vector<int> descriptors;
    for (const auto& descriptor : call.descriptors) {
        descriptors.push_back(descriptor.get());
    }
    session.deadline = Clock::now() + call.deadline;
    watch_deadlines(session.deadline);
    if (call.waits) {
        session.patience.start(call.patience, std::move(call.waits));
    }
    const std::string method = std::string(call.interface) + "." + call.method;
    std::string parameters = std::move(call.parameters);
    session.current = std::move(call);
    session.channel->call(method, parameters, descriptors, false, [this, &session](Result<ipc::Reply> reply) {
        answered(session, std::move(reply));
    });
    wipe(parameters);
    if (session.current) {
        session.current->descriptors.clear();
    }
}

void HostProcess::answered(Session& session, Result<ipc::Reply> reply) {
    if (!reply && breaks_connection(reply.error().code)) {
        session.lost = true;
        if (reply.error().code != ErrorCode::agent_unavailable && !m_kill_reason) {
            m_kill_reason = Error{.code = ErrorCode::driver_failed,
                                  .operation = "host",
                                  .detail = m_subject.title + ": its host answered nonsense"};
        }
        return;
    }
    session.patience.cancel();
    const auto answer = std::move(session.current->answer);
    session.current.reset();
    answer(std::move(reply));
    m_events.session_free();
}

void HostProcess::watch(std::string_view method, ipc::Channel::Answer answer) {
    m_event_channel->call(method, "{}", {}, true, std::move(answer));
}

// Armed only where it does not run yet, or runs for a later deadline: on the way of most calls it costs
// nothing, and it fires once after the last one and stops.
void HostProcess::watch_deadlines(Clock::time_point deadline) {
    if (!m_deadline_timer.active() || deadline < m_timer_deadline) {
        m_timer_deadline = deadline;
        m_deadline_timer.start(deadline - Clock::now(), [this] { check_deadlines(); });
    }
}

void HostProcess::check_deadlines() {
    std::optional<Clock::time_point> next;
    for (const auto& session : m_sessions) {
        if (!session->current) {
            continue;
        }
        if (session->deadline <= Clock::now()) {
            kill(Error{.code = ErrorCode::timeout,
                       .operation = "host",
                       .detail = m_subject.title + " did not answer " + session->current->method +
                                 " within " + std::to_string(session->current->deadline.count()) + " s"});
            return;
        }
        next = next ? std::min(*next, session->deadline) : session->deadline;
    }
    if (next) {
        watch_deadlines(*next);
    }
}

void HostProcess::kill(std::optional<Error> reason) {
    if (reason && !m_kill_reason) {
        m_kill_reason = std::move(reason);
    }
    if (!std::exchange(m_dying, true)) {
        ::kill(m_pid, SIGKILL);
    }
}

HostEnd HostProcess::end_now(Error reason) {
    m_kill_reason = std::move(reason);
    m_dying = true;
    ::kill(m_pid, SIGKILL);
    int status = 0;
    waitpid(m_pid, &status, 0);
    return take_end(status);
}

// Precondition: it was waited for.
HostEnd HostProcess::take_end(int wait_status) {
    m_exit_watch.reset();
    m_deadline_timer.cancel();
    const std::string how = "the host of " + m_subject.title + " " + ending(wait_status);
    HostEnd end{.error = m_kill_reason.value_or(
                    Error{.code = ErrorCode::driver_failed, .operation = "host", .detail = how}),
                .lost = {}};
    m_event_channel.reset();
    for (const auto& session : m_sessions) {
        session->channel.reset();
        session->patience.cancel();
        if (session->current) {
            end.lost.push_back(std::move(*session->current));
            session->current.reset();
        }
    }
    return end;
}

}  // namespace signet::agent
