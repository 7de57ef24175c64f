#include "agent/consents.h"

#include <utility>

namespace signet::agent {
namespace {

Error refused_before() {
    return {.code = ErrorCode::cancelled,
            .operation = "confirm",
            .detail = "the use of the key was refused a moment ago"};
}

}  // namespace

void Consents::ask(ConsentRequest request, const ipc::CallPointer& call, Done done) {
    if (m_refused.holds(request.use)) {
        done(Failure(refused_before()));
        return;
    }
    const auto question = std::make_shared<Question>(
        Question{.request = std::move(request), .call = call, .done = std::move(done)});
    auto& open = m_open[question->request.use];
    open.push_back(question);
    if (open.size() == 1) {
        show(question);
    } else {
        call->on_abandoned([this, question] { leave(question); });
    }
}

void Consents::show(const QuestionPointer& question) {
    const auto id =
        m_prompts.ask({.environment = question->request.environment,
                       .description = question->request.description,
                       .attempt = {},
                       .done = [this, question](const Result<void>& consent) { answered(question, consent); },
                       .only_consent = true,
                       .yields = question->request.yields});
    question->call->on_abandoned([this, id] { m_prompts.withdraw(id); });
}

void Consents::answered(const QuestionPointer& question, const Result<void>& consent) {
    const auto open = m_open.find(question->request.use);
    open->second.pop_front();
    question->call->on_abandoned(nullptr);
    std::deque<QuestionPointer> answered_too;
    if (!consent && !question->call->abandoned()) {
        answered_too.swap(open->second);
    }
    if (!consent && is_cancelled_by_person(consent.error())) {
        m_refused.remember(question->request.use);
    }
    if (open->second.empty()) {
        m_open.erase(open);
    } else {
        show(open->second.front());
    }
    question->done(consent);
    for (const auto& other : answered_too) {
        other->call->on_abandoned(nullptr);
        other->done(consent);
    }
}

void Consents::leave(const QuestionPointer& question) {
    std::erase(m_open[question->request.use], question);
}

}  // namespace signet::agent
