#pragma once

#include "agent/cancel_memory.h"
#include "agent/prompts.h"
#include "ipc/server.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace signet::agent {

// One use of a key that needs the person's yes.
struct ConsentRequest {
    std::string use;  // who wants to use which key
    Environment environment;
    std::string description;
    bool yields = false;  // to the prompts of others, as in PromptRequest
};

// Questions to the person. Of one use a single question is open at a time: further ones wait for its answer.
// A yes is good for that question alone. Anything else is the answer to all that wait, and a refusal also to
// those that come a moment later (CancelMemory).
class Consents {
  public:
    using Done = std::function<void(Result<void>)>;

    explicit Consents(Prompts& prompts) : m_prompts(prompts) {}

    // `call` being abandoned takes the question back.
    void ask(ConsentRequest request, const ipc::CallPointer& call, Done done);

  private:
    struct Question {
        ConsentRequest request;
        ipc::CallPointer call;
        Done done;
    };
    using QuestionPointer = std::shared_ptr<Question>;

    void show(const QuestionPointer& question);
    void answered(const QuestionPointer& question, const Result<void>& consent);
    void leave(const QuestionPointer& question);

    Prompts& m_prompts;
    CancelMemory m_refused;                                     // uses
    std::map<std::string, std::deque<QuestionPointer>> m_open;  // of each use; the first has its prompt
};

}  // namespace signet::agent
