#include "cli/touch_hint.h"

#include "cli/agent.h"
#include "cli/messages.h"

#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <thread>

namespace signet::cli {
namespace {

// A card in a reader may want a finger without telling before.
bool may_want_touch(const ipc::Token& token) {
    return !token.reader.empty() ||
           std::any_of(token.keys.begin(), token.keys.end(), [](const ipc::Key& key) { return key.touch; });
}

using Labels = std::map<std::string, std::string>;  // by token identity

Labels labels_of(const ipc::Inventory& inventory) {
    Labels labels;
    for (const auto& token : *inventory.tokens) {
        if (may_want_touch(token)) {
            labels.emplace(token.id, printable_utf8(token.label));
        }
    }
    return labels;
}

void print_hints(Agent& agent, const Labels& labels) {
    while (const auto reply = agent.next_change()) {
        if (reply->change && reply->change->kind == ipc::ChangeKind::touch_needed) {
            const auto label = labels.find(reply->change->token);
            print_note("touch the token" + (label != labels.end() ? " " + label->second : "") +
                       ": it waits for your finger");
        }
    }
}

}  // namespace

struct TouchHint::Watch {
    Watch(Agent watching, Labels labels)
        : agent(std::move(watching)),
          thread([this, labels = std::move(labels)] { print_hints(agent, labels); }) {}
    ~Watch() {
        shutdown(agent.socket(), SHUT_RDWR);
        thread.join();
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    Agent agent;
    std::thread thread;
};

TouchHint::TouchHint(const ipc::Inventory& inventory) {
    auto labels = labels_of(inventory);
    if (labels.empty()) {
        return;
    }
    // Without a hint the operation is the same.
    if (auto agent = Agent::connect(); agent && agent->watch()) {
        m_watch = std::make_unique<Watch>(*std::move(agent), std::move(labels));
    }
}

TouchHint::TouchHint(TouchHint&&) noexcept = default;
TouchHint::~TouchHint() = default;

}  // namespace signet::cli
