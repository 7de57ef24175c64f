#pragma once

#include "agent/host_process.h"
#include "ipc/event_loop.h"
#include "ipc/types.h"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signet::agent {

// Deadlines of calls to a host.
inline constexpr std::chrono::seconds read_deadline{5};
inline constexpr std::chrono::seconds key_use_deadline{10};
inline constexpr std::chrono::seconds touch_deadline{30};
inline constexpr std::chrono::seconds pin_pad_deadline{60};
inline constexpr std::chrono::seconds administration_deadline{30};
inline constexpr std::chrono::seconds key_generation_deadline{300};
// A card that takes longer, and does not tell what its keys want, waits for a finger.
inline constexpr std::chrono::milliseconds slow_card_answers_within{3000};
// Loading a module and reading its tokens for the first time.
inline constexpr std::chrono::seconds start_deadline{15};
// A card on which no token was found is not looked at again before, whoever asks.
inline constexpr std::chrono::seconds rest_of_other_cards{30};
// A card whose first reading failed after more than this keeps nobody waiting from then on, and is read again
// after a rest; at once where another program has kept it busy.
inline constexpr std::chrono::seconds slow_failure{1};
inline constexpr std::chrono::seconds rest_of_slow_cards{10};
// Whoever asks meanwhile waits so long for the new reading.
inline constexpr std::chrono::seconds patience_with_slow_cards{1};

// What drives the tokens of one module, or the card in one reader: a signet-token process, started when first
// needed and again after it has ended, and the queue of its calls. A module that crashes, exits, hangs or
// talks nonsense ends its process; callers get driver_failed or timeout, and the next call starts a new one.
// An answer must not destroy the host.
class TokenHost {
  public:
    struct Events {
        std::function<void()> tokens_changed;         // tokens() or failure() is another than before
        std::function<void(const TokenHost&)> ended;  // the process has ended: nothing is logged in any more
    };

    TokenHost(ipc::EventLoop& loop, HostSubject subject, Events events);

    void call(HostCall call);
    // Ends the process and answers all calls with `reason`; later calls are answered so too.
    void stop(const Error& reason);

    // Reads the tokens anew, or joins a reading under way; where the driver tells of changes, and has been
    // read, answers at once. For a card that has failed slowly it does not wait to the end.
    void refresh(std::function<void()> done);
    // Nothing new is to be expected of refresh(): read within the last second, or the driver tells of
    // changes.
    [[nodiscard]] bool recently_read() const;
    // Reads the tokens anew in any case, after a reading under way, then calls `done`.
    void read(std::function<void()> done);

    [[nodiscard]] const HostSubject& subject() const { return m_subject; }
    // As last read. Where a reading fails they stay, with a failure(), as long as the process lives.
    [[nodiscard]] const std::vector<ipc::Token>& tokens() const { return m_tokens; }
    // Why the subject cannot be used.
    [[nodiscard]] const std::optional<std::string>& failure_detail() const { return m_failure; }
    // Nobody needs to look whether tokens have come or gone.
    [[nodiscard]] bool waits_for_events() const { return m_waits_for_events || m_subject.is_card; }
    [[nodiscard]] bool busy() const { return !m_queue.empty() || (m_process && m_process->busy()); }

  private:
    [[nodiscard]] bool resting() const;
    [[nodiscard]] bool up_to_date() const;
    void refresh_for_a_moment(std::function<void()> done);
    void end_moment();
    void work();
    bool start();
    void start_reading();
    void tokens_read(Result<ipc::Reply> reply);
    void reading_succeeded(ipc::HostInventory inventory);
    void reading_failed(const Error& error);
    void set_tokens(std::vector<ipc::Token> tokens, std::optional<std::string> failure);
    void watch_for_changes();
    void process_ended(HostEnd end);
    void fail_queue(const Error& error);

    ipc::EventLoop& m_loop;
    HostSubject m_subject;
    Events m_events;

    std::unique_ptr<HostProcess> m_process;
    bool m_ready = false;    // this process' tokens were read once
    bool m_refused = false;  // it answered that its subject cannot be used, and callers were told
    std::deque<HostCall> m_queue;

    std::vector<ipc::Token> m_tokens;
    std::optional<std::string> m_failure;
    bool m_waits_for_events = false;
    bool m_one_at_a_time = false;
    bool m_reading = false;
    std::optional<Error> m_stopped;
    bool m_failed_slowly = false;  // a card's first reading did, the last time
    std::chrono::steady_clock::time_point m_reading_since;
    std::chrono::steady_clock::time_point m_rests_after_failure_until;
    std::chrono::steady_clock::time_point m_read_at;      // by this process, with success
    std::chrono::steady_clock::time_point m_rests_until;  // a card without tokens is left alone
    std::vector<std::function<void()>> m_read_waiters;    // of the reading under way
    std::vector<std::function<void()>> m_next_waiters;    // of the one after it
    std::vector<std::function<void()>> m_moment_waiters;  // of the one under way, for a moment
    ipc::Timer m_moment;                                  // runs while there are some
};

}  // namespace signet::agent
