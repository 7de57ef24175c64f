#include "agent/token_host.h"

#include "agent/spawn.h"
#include "base/bytes.h"
#include "base/log.h"
#include "ipc/codec.h"

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
    std::string list;
    for (std::size_t i = 0; i < count; ++i) {
        list += (i > 0 ? "," : "") + std::to_string(3 + i);
    }
    return list;
}

}  // namespace

// One session of the host: a socket pair, and the call that is under way on it.
struct TokenHost::Worker {
    std::unique_ptr<ipc::Channel> channel;
    std::optional<HostCall> current;
    Clock::time_point deadline;
    bool lost = false;  // the channel has failed; `current` waits to hear how the process ended
};

struct TokenHost::Process {
    pid_t pid = -1;
    std::unique_ptr<ipc::ReadWatch> exit_watch;
    std::vector<std::unique_ptr<Worker>> workers;
    std::unique_ptr<ipc::Channel> event_channel;
    bool ready = false;    // the tokens were read once
    bool dying = false;    // killed; its end has not been seen yet, and nothing more is sent to it
    bool refused = false;  // it answered that its module cannot be used, and callers were told
    std::optional<Error> kill_reason;  // why it was killed
};

TokenHost::TokenHost(ipc::EventLoop& loop, ModuleConfig config, std::filesystem::path state_directory,
                     Events events)
    : m_loop(loop),
      m_config(std::move(config)),
      m_state_directory(std::move(state_directory)),
      m_events(std::move(events)),
      m_deadline_timer(loop) {}

TokenHost::~TokenHost() {
    if (m_process) {
        kill(m_process->pid, SIGKILL);
        waitpid(m_process->pid, nullptr, 0);
    }
}

void TokenHost::stop() {
    m_stopped = true;
    const Error error{.code = ErrorCode::driver_failed,
                      .operation = m_config.name,
                      .detail = "module " + m_config.name + " is no longer configured"};
    fail_queue(error);
    if (m_process) {
        m_process->kill_reason = error;
        m_process->exit_watch.reset();
        kill(m_process->pid, SIGKILL);
        int status = 0;
        waitpid(m_process->pid, &status, 0);
        process_ended(status);
    }
}

// The last pair is for WaitForChange.
Result<void> TokenHost::start() {
    SIGNET_TRY(const auto program, token_host_program());
    std::vector<FileDescriptor> ours;
    std::vector<FileDescriptor> theirs;
    for (unsigned i = 0; i < m_config.sessions + 1; ++i) {
        SIGNET_TRY(auto pair, make_socket_pair());
        ours.push_back(std::move(pair.first));
        theirs.push_back(std::move(pair.second));
    }
    SIGNET_TRY(auto child, spawn_child({.arguments = {program, "--module", m_config.module.string(),
                                                      "--sockets", socket_list(theirs.size()), "--sessions",
                                                      std::to_string(m_config.sessions), "--state",
                                                      m_state_directory.string(), "--log-level",
                                                      std::string(log::name_of(log::level()))},
                                        .descriptors = std::move(theirs)}));
    auto process = std::make_unique<Process>();
    process->pid = child.pid;
    process->exit_watch = std::make_unique<ipc::ReadWatch>(m_loop, std::move(child.pidfd));
    process->exit_watch->wait([this, pid = child.pid] {
        int status = 0;
        waitpid(pid, &status, 0);
        process_ended(status);
    });
    for (unsigned i = 0; i < m_config.sessions; ++i) {
        process->workers.push_back(std::make_unique<Worker>());
        process->workers.back()->channel =
            std::make_unique<ipc::Channel>(m_loop, std::move(ours[i]), [this] { kill_process(); });
    }
    process->event_channel =
        std::make_unique<ipc::Channel>(m_loop, std::move(ours.back()), [this] { kill_process(); });
    m_process = std::move(process);
    log::debug("module " + m_config.name + ": host " + std::to_string(child.pid) + " started");
    return {};
}

bool TokenHost::busy() const {
    return !m_queue.empty() ||
           (m_process && std::any_of(m_process->workers.begin(), m_process->workers.end(),
                                     [](const auto& w) { return w->current.has_value(); }));
}

void TokenHost::call(HostCall call) {
    m_queue.push_back(std::move(call));
    work();
}

void TokenHost::work() {
    if (m_stopped) {
        fail_queue({.code = ErrorCode::driver_failed,
                    .operation = m_config.name,
                    .detail = "module " + m_config.name + " is no longer configured"});
    }
    if (m_queue.empty()) {
        return;
    }
    if (!m_process) {
        if (auto started = start(); !started) {
            set_tokens({}, started.error().operation + ": " + started.error().detail);
            fail_queue(started.error());
            return;
        }
        if (!m_reading) {
            start_reading();
            return;
        }
    }
    if (m_process->dying) {
        return;
    }
    for (const auto& worker : m_process->workers) {
        // The reading of the tokens is at the front of the queue until it was answered once. A call that
        // waits inside the host would lose the time until its deadline.
        const bool several = m_process->ready && !m_one_at_a_time;
        const bool may_send = several || worker == m_process->workers.front();
        if (!m_queue.empty() && may_send && !worker->current && !worker->lost) {
            HostCall next = std::move(m_queue.front());
            m_queue.pop_front();
            send(*worker, std::move(next));
        }
        if (!m_process || m_process->dying) {
            return;
        }
    }
}

void TokenHost::send(Worker& worker, HostCall call) {
    std::vector<int> descriptors;
    for (const auto& descriptor : call.descriptors) {
        descriptors.push_back(descriptor.get());
    }
    worker.deadline = Clock::now() + call.deadline;
    watch_deadlines(worker.deadline);
    const std::string method = "org.signet.token." + call.method;
    std::string parameters = std::move(call.parameters);
    worker.current = std::move(call);
    worker.channel->call(method, parameters, descriptors, false,
                         [this, &worker](Result<ipc::Reply> reply) { answered(worker, std::move(reply)); });
    wipe(parameters);
    if (worker.current) {
        worker.current->descriptors.clear();
    }
}

void TokenHost::answered(Worker& worker, Result<ipc::Reply> reply) {
    const bool connection_lost =
        !reply &&
        (reply.error().code == ErrorCode::agent_unavailable || reply.error().code == ErrorCode::protocol ||
         reply.error().code == ErrorCode::too_large || reply.error().code == ErrorCode::input_output);
    if (connection_lost) {
        worker.lost = true;
        if (reply.error().code != ErrorCode::agent_unavailable && !m_process->kill_reason) {
            m_process->kill_reason =
                Error{.code = ErrorCode::driver_failed,
                      .operation = m_config.name,
                      .detail = "module " + m_config.name + ": its host answered nonsense"};
        }
        return;
    }
    const auto answer = std::move(worker.current->answer);
    worker.current.reset();
    answer(std::move(reply));
    work();
}

void TokenHost::refresh(std::function<void()> done) {
    if (m_reading) {
        m_read_waiters.push_back(std::move(done));
    } else if (m_process && m_process->ready && m_waits_for_events && !m_failure) {
        done();
    } else {
        read(std::move(done));
    }
}

void TokenHost::read(std::function<void()> done) {
    if (m_reading) {
        m_next_waiters.push_back(std::move(done));
        return;
    }
    m_read_waiters.push_back(std::move(done));
    start_reading();
}

void TokenHost::start_reading() {
    m_reading = true;
    m_queue.push_front({.method = "GetInventory",
                        .parameters = "{}",
                        .descriptors = {},
                        .deadline = m_process && m_process->ready ? read_deadline : start_deadline,
                        .answer = [this](Result<ipc::Reply> reply) { tokens_read(std::move(reply)); }});
    work();
}

void TokenHost::tokens_read(Result<ipc::Reply> reply) {
    m_reading = false;
    auto inventory = [&]() -> Result<ipc::HostInventory> {
        if (!reply) {
            return Failure(std::move(reply).error());
        }
        return ipc::decode_host_inventory(reply->parameters);
    }();
    if (inventory) {
        m_waits_for_events = inventory->waits_for_events;
        m_one_at_a_time = inventory->one_at_a_time;
        if (m_process && !std::exchange(m_process->ready, true) && m_waits_for_events) {
            watch_for_changes();
        }
        set_tokens(std::move(inventory->tokens), std::nullopt);
    } else {
        reading_failed(inventory.error());
    }
    for (const auto& done : std::exchange(m_read_waiters, {})) {
        done();
    }
    if (!m_next_waiters.empty() && !m_reading) {
        m_read_waiters = std::exchange(m_next_waiters, {});
        start_reading();
    }
}

void TokenHost::reading_failed(const Error& error) {
    log::warning("module " + m_config.name + ": " + error.detail);
    const bool works = m_process && m_process->ready;
    set_tokens(works ? m_tokens : std::vector<ipc::Token>(), error.detail);
    if (m_process && !works) {
        m_process->refused = true;
        fail_queue(error);
        m_process->kill_reason = error;
        kill_process();
    }
}

void TokenHost::set_tokens(std::vector<ipc::Token> tokens, std::optional<std::string> failure) {
    for (auto& token : tokens) {
        token.module = m_config.name;
    }
    if (m_tokens == tokens && m_failure == failure) {
        return;
    }
    m_tokens = std::move(tokens);
    m_failure = std::move(failure);
    m_events.tokens_changed();
}

void TokenHost::watch_for_changes() {
    m_process->event_channel->call("org.signet.token.WaitForChange", "{}", {}, true,
                                   [this](Result<ipc::Reply> reply) {
                                       if (reply) {
                                           read([] {});
                                       } else if (reply.error().code == ErrorCode::unsupported) {
                                           m_waits_for_events = false;
                                           m_events.tokens_changed();
                                       }
                                   });
}

// Armed only where it does not run yet, or runs for a later deadline: on the way of most calls it costs
// nothing, and it fires once after the last one and stops.
void TokenHost::watch_deadlines(Clock::time_point deadline) {
    if (!m_deadline_timer.active() || deadline < m_timer_deadline) {
        m_timer_deadline = deadline;
        m_deadline_timer.start(deadline - Clock::now(), [this] { check_deadlines(); });
    }
}

void TokenHost::check_deadlines() {
    if (!m_process) {
        return;
    }
    std::optional<Clock::time_point> next;
    for (const auto& worker : m_process->workers) {
        if (!worker->current) {
            continue;
        }
        if (worker->deadline <= Clock::now()) {
            m_process->kill_reason =
                Error{.code = ErrorCode::timeout,
                      .operation = m_config.name,
                      .detail = "module " + m_config.name + " did not answer " + worker->current->method +
                                " within " + std::to_string(worker->current->deadline.count()) + " s"};
            kill_process();
            return;
        }
        next = next ? std::min(*next, worker->deadline) : worker->deadline;
    }
    if (next) {
        watch_deadlines(*next);
    }
}

// What becomes of the calls is decided when the process has ended (process_ended).
void TokenHost::kill_process() {
    if (m_process && !std::exchange(m_process->dying, true)) {
        kill(m_process->pid, SIGKILL);
    }
}

void TokenHost::process_ended(int wait_status) {
    const auto process = std::exchange(m_process, nullptr);
    m_deadline_timer.cancel();
    m_waits_for_events = false;
    const std::string how = "the host of module " + m_config.name + " " + ending(wait_status);
    const Error error = process->kill_reason.value_or(
        Error{.code = ErrorCode::driver_failed, .operation = m_config.name, .detail = how});
    log::warning(process->kill_reason ? error.detail : how);
    process->event_channel.reset();
    std::vector<HostCall> lost;
    for (const auto& worker : process->workers) {
        worker->channel.reset();
        if (worker->current) {
            lost.push_back(std::move(*worker->current));
        }
    }
    m_events.ended(*this);
    for (auto& call : lost) {
        // Reading the tokens is safe to repeat, once, in the next process.
        if (process->ready && !m_stopped && call.method == "GetInventory") {
            call.parameters = "{}";
            call.deadline = start_deadline;
            m_queue.push_front(std::move(call));
        } else {
            call.answer(Failure(error));
        }
    }
    // Calls that came after a refusal get the next process.
    if (!process->ready && !process->refused) {
        fail_queue(error);
    }
    work();
}

void TokenHost::fail_queue(const Error& error) {
    for (const auto& call : std::exchange(m_queue, {})) {
        call.answer(Failure(error));
    }
}

}  // namespace signet::agent
