#include "agent/prompts.h"

#include "agent/prompt_text.h"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace signet::agent {
namespace {

// From the start of the program to its question; a slow desktop needs a second.
constexpr std::chrono::seconds pinentry_deadline{15};

Error withdrawn(std::string reason = "the prompt was withdrawn") {
    return {.code = ErrorCode::cancelled, .operation = "prompt", .detail = std::move(reason)};
}

bool asks_again(ErrorCode code) {
    return code == ErrorCode::pin_incorrect || code == ErrorCode::malformed;
}

}  // namespace

// The prompt on the screen. The thread talks to pinentry; everything else happens in the loop.
struct Prompts::Shown : std::enable_shared_from_this<Shown> {
    Shown(ipc::EventLoop& event_loop, Id prompt_id, PromptRequest prompt_request)
        : loop(event_loop), id(prompt_id), request(std::move(prompt_request)) {}

    // In the thread.
    Result<void> run(const std::filesystem::path& program) {
        SIGNET_TRY(auto pinentry, Pinentry::start(program, request.environment));
        const Process process(*this, pinentry.pid());
        if (auto greeted = pinentry.greet(); !greeted) {
            return Failure(reason_or(std::move(greeted).error()));
        }
        return request.only_consent ? confirm(pinentry) : ask(pinentry);
    }

    // In the thread.
    Result<void> confirm(Pinentry& pinentry) {
        if (!begin_asking()) {
            return Failure(reason_or(withdrawn()));
        }
        auto consent = pinentry.confirm(request.description);
        return consent ? consent : Failure(reason_or(std::move(consent).error()));
    }

    // In the thread.
    Result<void> ask(Pinentry& pinentry) {
        PinText text{.prompt = request.prompt, .description = request.description, .error = request.error};
        for (;;) {
            if (!begin_asking()) {
                return Failure(reason_or(withdrawn()));
            }
            auto pin = pinentry.ask(text);
            if (!pin) {
                return Failure(reason_or(std::move(pin).error()));
            }
            if (pin->empty()) {
                text.error = "Nothing was entered; nothing was tried.";
                continue;
            }
            auto result = attempt(std::move(*pin));
            if (result || !asks_again(result.error().code)) {
                return result;
            }
            text.error = refusal_text(result.error());
        }
    }

    // In the thread: has the loop try the PIN, and waits for what came of it.
    Result<void> attempt(Secret pin) {
        loop.post([self = shared_from_this(), typed = std::make_shared<Secret>(std::move(pin))] {
            if (!self->is_withdrawn()) {
                self->request.attempt(*typed,
                                      [self](Result<void> result) { self->give_verdict(std::move(result)); });
            }
        });
        std::unique_lock lock(mutex);
        verdict_given.wait(lock, [this] { return verdict.has_value() || gone.has_value(); });
        if (!verdict) {
            return Failure(*gone);
        }
        return *std::exchange(verdict, std::nullopt);
    }

    void give_verdict(Result<void> result) {
        const std::lock_guard lock(mutex);
        verdict = std::move(result);
        verdict_given.notify_one();
    }

    void withdraw(Error reason) {
        const std::lock_guard lock(mutex);
        if (!gone) {
            gone = std::move(reason);
        }
        verdict_given.notify_one();
        if (pinentry_pid) {
            kill(-*pinentry_pid, SIGTERM);
        }
    }

    // In the loop.
    void watch_start() {
        start_timer.start(pinentry_deadline, [this] {
            if (!has_asked()) {
                withdraw(
                    withdrawn("the pinentry program did not answer; see pinentry in [agent] of signet.toml"));
            }
        });
    }

    bool has_asked() {
        const std::lock_guard lock(mutex);
        return asking;
    }

    // False when the prompt is not wanted any more.
    bool begin_asking() {
        const std::lock_guard lock(mutex);
        asking = true;
        return !gone;
    }

    bool is_withdrawn() {
        const std::lock_guard lock(mutex);
        return gone.has_value();
    }

    // Why it was withdrawn, where it was: that its pinentry then fails says nothing.
    Error reason_or(Error error) {
        const std::lock_guard lock(mutex);
        return gone.value_or(std::move(error));
    }

    // Registers the pinentry's pid as long as it is certainly that process.
    struct Process {
        Process(Shown& shown, pid_t pid) : owner(shown) {
            const std::lock_guard lock(owner.mutex);
            owner.pinentry_pid = pid;
            if (owner.gone) {
                kill(-pid, SIGTERM);
            }
        }
        ~Process() {
            const std::lock_guard lock(owner.mutex);
            owner.pinentry_pid.reset();
        }
        Process(const Process&) = delete;
        Process& operator=(const Process&) = delete;
        Shown& owner;
    };

    ipc::EventLoop& loop;
    Id id;
    PromptRequest request;
    std::thread thread;
    ipc::Timer start_timer{loop};
    std::mutex mutex;  // guards what follows
    std::condition_variable verdict_given;
    std::optional<Result<void>> verdict;
    bool asking = false;        // pinentry was asked for the PIN
    std::optional<Error> gone;  // withdrawn, and why
    std::optional<pid_t> pinentry_pid;
};

Prompts::Prompts(ipc::EventLoop& loop, std::filesystem::path pinentry)
    : m_loop(loop), m_pinentry(std::move(pinentry)) {}

Prompts::~Prompts() {
    m_queue.clear();
    if (m_shown) {
        m_shown->withdraw(withdrawn());
        m_shown->thread.join();
    }
}

Prompts::Id Prompts::ask(PromptRequest request) {
    const Id id = m_next_id++;
    const auto place = request.yields
                           ? m_queue.end()
                           : std::find_if(m_queue.begin(), m_queue.end(),
                                          [](const Queued& queued) { return queued.request.yields; });
    m_queue.insert(place, {.id = id, .request = std::move(request)});
    show_next();
    return id;
}

void Prompts::withdraw(Id id) {
    if (m_shown && m_shown->id == id) {
        m_shown->withdraw(withdrawn());
        return;
    }
    const auto queued =
        std::find_if(m_queue.begin(), m_queue.end(), [id](const Queued& q) { return q.id == id; });
    if (queued != m_queue.end()) {
        auto done = std::move(queued->request.done);
        m_queue.erase(queued);
        m_loop.post([done = std::move(done)] { done(Failure(withdrawn())); });
    }
}

void Prompts::show_next() {
    if (m_shown || m_queue.empty()) {
        return;
    }
    m_shown = std::make_shared<Shown>(m_loop, m_queue.front().id, std::move(m_queue.front().request));
    m_queue.pop_front();
    m_shown->watch_start();
    m_shown->thread = std::thread([this, shown = m_shown, program = m_pinentry] {
        auto result = shown->run(program);
        m_loop.post([this, shown, result = std::move(result)]() mutable {
            shown->thread.join();
            m_shown.reset();
            shown->request.done(std::move(result));
            show_next();
        });
    });
}

}  // namespace signet::agent
