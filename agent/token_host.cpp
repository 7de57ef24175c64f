#include "agent/token_host.h"

#include "base/log.h"
#include "ipc/codec.h"

#include <utility>

namespace signet::agent {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds fresh_enough{1};

Error no_token(const HostSubject& subject) {
    return {.code = ErrorCode::token_removed,
            .operation = "host",
            .detail = "no PIV card answers as " + subject.title};
}

}  // namespace

TokenHost::TokenHost(ipc::EventLoop& loop, HostSubject subject, Events events)
    : m_loop(loop), m_subject(std::move(subject)), m_events(std::move(events)), m_moment(loop) {}

void TokenHost::stop(const Error& reason) {
    m_stopped = reason;
    fail_queue(reason);
    if (m_process) {
        process_ended(m_process->end_now(reason));
    }
}

void TokenHost::call(HostCall call) {
    if (resting()) {
        call.answer(Failure(no_token(m_subject)));
        return;
    }
    m_queue.push_back(std::move(call));
    work();
}

void TokenHost::work() {
    if (m_stopped) {
        fail_queue(*m_stopped);
    }
    if (m_queue.empty() || (!m_process && !start())) {
        return;
    }
    // The reading of the tokens is at the front of the queue until it was answered once. A call that waits
    // inside the host would lose the time until its deadline.
    for (;;) {
        const std::size_t sessions = m_ready && !m_one_at_a_time ? m_subject.sessions : 1;
        if (m_queue.empty() || !m_process || !m_process->can_send(m_queue.front(), sessions)) {
            return;
        }
        HostCall next = std::move(m_queue.front());
        m_queue.pop_front();
        m_process->send(std::move(next));
    }
}

// True when the queue can be worked on.
bool TokenHost::start() {
    auto process = HostProcess::start(m_loop, m_subject,
                                      {.session_free = [this] { work(); },
                                       .ended = [this](HostEnd end) { process_ended(std::move(end)); }});
    if (!process) {
        set_tokens({}, process.error().operation + ": " + process.error().detail);
        fail_queue(process.error());
        return false;
    }
    m_process = std::move(*process);
    m_ready = false;
    m_refused = false;
    if (!m_reading) {
        start_reading();
        return false;
    }
    return true;
}

bool TokenHost::resting() const {
    return Clock::now() < m_rests_until;
}

bool TokenHost::up_to_date() const {
    return resting() || (m_process && m_ready && waits_for_events() && !m_failure);
}

bool TokenHost::recently_read() const {
    return up_to_date() || (m_process && m_ready && !m_failure && Clock::now() - m_read_at < fresh_enough);
}

void TokenHost::refresh(std::function<void()> done) {
    if (m_failed_slowly) {
        refresh_for_a_moment(std::move(done));
    } else if (m_reading) {
        m_read_waiters.push_back(std::move(done));
    } else if (up_to_date()) {
        done();
    } else {
        read(std::move(done));
    }
}

void TokenHost::refresh_for_a_moment(std::function<void()> done) {
    if (!m_reading && Clock::now() < m_rests_after_failure_until) {
        done();
        return;
    }
    m_moment_waiters.push_back(std::move(done));
    if (!m_moment.active()) {
        m_moment.start(patience_with_slow_cards, [this] { end_moment(); });
    }
    if (m_reading) {
        m_read_waiters.push_back([this] { end_moment(); });
    } else {
        read([this] { end_moment(); });
    }
}

void TokenHost::end_moment() {
    m_moment.cancel();
    for (const auto& done : std::exchange(m_moment_waiters, {})) {
        done();
    }
}

void TokenHost::read(std::function<void()> done) {
    if (m_stopped || resting()) {
        done();
    } else if (m_reading) {
        m_next_waiters.push_back(std::move(done));
    } else {
        m_read_waiters.push_back(std::move(done));
        start_reading();
    }
}

void TokenHost::start_reading() {
    m_reading = true;
    m_reading_since = Clock::now();
    m_queue.push_front({.method = "GetInventory",
                        .parameters = "{}",
                        .descriptors = {},
                        .deadline = m_process && m_ready ? read_deadline : start_deadline,
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
        reading_succeeded(std::move(*inventory));
    } else if (!m_stopped) {
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

void TokenHost::reading_succeeded(ipc::HostInventory inventory) {
    m_failed_slowly = false;
    m_waits_for_events = inventory.waits_for_events;
    m_one_at_a_time = inventory.one_at_a_time;
    if (m_process && !std::exchange(m_ready, true) && m_waits_for_events) {
        watch_for_changes();
    }
    if (m_subject.is_card && inventory.tokens.empty() && m_process) {
        m_rests_until = Clock::now() + rest_of_other_cards;
        m_process->kill(no_token(m_subject));
        fail_queue(no_token(m_subject));
    }
    m_read_at = Clock::now();
    set_tokens(std::move(inventory.tokens), std::nullopt);
}

void TokenHost::reading_failed(const Error& error) {
    if (m_failure != error.detail) {
        log::warning(with_title(m_subject, error.detail));
    }
    const bool works = m_process && m_ready;
    const bool in_use_elsewhere = m_subject.is_card && error.code == ErrorCode::not_allowed;
    const auto now = Clock::now();
    m_failed_slowly = m_subject.is_card && !works && now - m_reading_since > slow_failure;
    m_rests_after_failure_until = in_use_elsewhere ? now : now + rest_of_slow_cards;
    set_tokens(works ? m_tokens : std::vector<ipc::Token>(), error.detail);
    if (m_process && !works) {
        fail_queue(error);
        // It has a place in the queue for the card.
        if (!in_use_elsewhere) {
            m_refused = true;
            m_process->kill(error);
        }
    }
}

void TokenHost::set_tokens(std::vector<ipc::Token> tokens, std::optional<std::string> failure) {
    for (auto& token : tokens) {
        token.module = m_subject.module;
    }
    if (m_tokens == tokens && m_failure == failure) {
        return;
    }
    m_tokens = std::move(tokens);
    m_failure = std::move(failure);
    m_events.tokens_changed();
}

void TokenHost::watch_for_changes() {
    m_process->watch("org.signet.token.WaitForChange", [this](const Result<ipc::Reply>& reply) {
        if (reply) {
            read([] {});
        } else if (reply.error().code == ErrorCode::unsupported) {
            m_waits_for_events = false;
            m_events.tokens_changed();
        }
    });
}

// What becomes of the calls that the process had, and of those that wait.
void TokenHost::process_ended(HostEnd end) {
    m_process.reset();
    m_waits_for_events = false;
    if (m_stopped || m_refused || resting()) {
        log::debug(end.error.detail);
    } else {
        log::warning(end.error.detail);
    }
    m_events.ended(*this);
    for (auto& call : end.lost) {
        // Reading the tokens is safe to repeat, once, in the next process.
        if (m_ready && !m_stopped && call.method == "GetInventory") {
            call.parameters = "{}";
            call.deadline = start_deadline;
            m_queue.push_front(std::move(call));
        } else {
            call.answer(Failure(end.error));
        }
    }
    // Calls that came after a refusal get the next process.
    if (!m_ready && !m_refused) {
        fail_queue(end.error);
    }
    work();
}

void TokenHost::fail_queue(const Error& error) {
    for (const auto& call : std::exchange(m_queue, {})) {
        call.answer(Failure(error));
    }
}

}  // namespace signet::agent
