#pragma once

#include "agent/pinentry.h"
#include "agent/requester.h"
#include "ipc/event_loop.h"

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace signet::agent {

// What to do with a PIN that was typed. Runs in the loop; `verdict` is called once, later or at once.
using PinAttempt = std::function<void(const Secret& pin, std::function<void(Result<void>)> verdict)>;

struct PromptRequest {
    Environment environment;
    std::string description;
    PinAttempt attempt;
    // The end: the attempt's success or its failure other than one that asks again, or cancelled.
    std::function<void(Result<void>)> done;
    std::string prompt = "PIN:";
    std::string error{};        // why what was typed before was refused
    bool only_consent = false;  // a question to say yes to: no PIN, no attempt
    bool yields = false;        // to those that do not, until it is shown
};

// PIN prompts and questions, one shown at a time, the others in their order, those
// that yield last. A refused PIN (pin_incorrect)
// asks again in the same pinentry, with the tries left; so does what cannot be one (malformed), with the
// detail.
class Prompts {
  public:
    using Id = std::uint64_t;

    Prompts(ipc::EventLoop& loop, std::filesystem::path pinentry);
    ~Prompts();
    Prompts(const Prompts&) = delete;
    Prompts& operator=(const Prompts&) = delete;

    Id ask(PromptRequest request);
    // Takes it from the queue or from the screen; `done` gets cancelled, from the loop.
    void withdraw(Id id);
    [[nodiscard]] bool busy() const { return m_shown != nullptr || !m_queue.empty(); }
    void set_pinentry(std::filesystem::path pinentry) { m_pinentry = std::move(pinentry); }

  private:
    struct Shown;
    struct Queued {
        Id id;
        PromptRequest request;
    };

    void show_next();

    ipc::EventLoop& m_loop;
    std::filesystem::path m_pinentry;
    Id m_next_id = 1;
    std::deque<Queued> m_queue;
    std::shared_ptr<Shown> m_shown;
};

}  // namespace signet::agent
