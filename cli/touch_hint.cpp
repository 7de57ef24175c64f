#include "cli/touch_hint.h"

#include "base/file_descriptor.h"
#include "cli/agent.h"
#include "cli/messages.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <thread>

namespace signet::cli {
namespace {

using Hints = std::map<std::string, std::string>;  // by token identity

bool tells_of_touch(const ipc::Token& token) {
    return std::any_of(token.keys.begin(), token.keys.end(), [](const ipc::Key& key) { return key.touch; });
}

// A card in a reader may want a finger without telling before, or just be slow.
Hints hints_for(const ipc::Inventory& inventory) {
    Hints hints;
    for (const auto& token : *inventory.tokens) {
        const bool tells = tells_of_touch(token);
        if (tells || !token.reader.empty()) {
            hints.emplace(token.id,
                          "touch the token " + printable_utf8(token.label) +
                              (tells ? ": it waits for your finger" : ": it may wait for your finger"));
        }
    }
    return hints;
}

void print_hint(const std::string& hint, TouchHint::Target target) {
    print_note(hint);
    if (target == TouchHint::Target::terminal && isatty(STDERR_FILENO) == 0) {
        const FileDescriptor terminal(open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC));
        if (terminal.valid()) {
            (void)write_all(terminal.get(), "signet: " + hint + "\r\n", "the terminal").has_value();
        }
    }
}

void print_hints(Agent& agent, const Hints& hints, TouchHint::Target target) {
    while (const auto reply = agent.next_change()) {
        if (!reply->change || reply->change->kind != ipc::ChangeKind::touch_needed) {
            continue;
        }
        const auto hint = hints.find(reply->change->token);
        print_hint(hint != hints.end() ? hint->second : "touch the token: it may wait for your finger",
                   target);
    }
}

}  // namespace

struct TouchHint::Watch {
    Watch(Agent watching, Hints hints, Target target)
        : agent(std::move(watching)),
          thread([this, hints = std::move(hints), target] { print_hints(agent, hints, target); }) {}
    ~Watch() {
        shutdown(agent.socket(), SHUT_RDWR);
        thread.join();
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    Agent agent;
    std::thread thread;
};

TouchHint::TouchHint(const ipc::Inventory& inventory, Target target) {
    auto hints = hints_for(inventory);
    if (hints.empty()) {
        return;
    }
    // Without a hint the operation is the same.
    if (auto agent = Agent::connect(); agent && agent->watch()) {
        m_watch = std::make_unique<Watch>(*std::move(agent), std::move(hints), target);
    }
}

TouchHint::TouchHint(TouchHint&&) noexcept = default;
TouchHint::~TouchHint() = default;

}  // namespace signet::cli
