#include "cli/agent.h"
#include "cli/declaration.h"
#include "cli/json.h"
#include "cli/output.h"

#include <map>

namespace signet::cli {
namespace {

struct WatchArguments {
    bool json = false;
};

std::string_view text_of(ipc::ChangeKind kind) {
    switch (kind) {
        case ipc::ChangeKind::token_inserted:
            return "inserted";
        case ipc::ChangeKind::token_removed:
            return "removed";
        case ipc::ChangeKind::token_changed:
            return "changed";
        case ipc::ChangeKind::token_unlocked:
            return "unlocked";
        case ipc::ChangeKind::token_locked:
            return "locked";
        case ipc::ChangeKind::pin_blocked:
            return "PIN blocked";
        case ipc::ChangeKind::touch_needed:
            return "waits for a touch";
    }
    return "";
}

// Labels by token identity. A token that was removed keeps its label here.
class Labels {
  public:
    explicit Labels(Agent agent) : m_agent(std::move(agent)) {}

    Result<std::string> of(const ipc::Change& change) {
        const bool may_be_new = change.kind == ipc::ChangeKind::token_inserted ||
                                change.kind == ipc::ChangeKind::token_changed ||
                                !m_labels.contains(change.token);
        if (may_be_new) {
            SIGNET_CHECK(refresh());
        }
        const auto found = m_labels.find(change.token);
        return found != m_labels.end() ? found->second : std::string();
    }

    Result<void> refresh() {
        SIGNET_TRY(const auto inventory, m_agent.inventory());
        for (const auto& token : *inventory.tokens) {
            m_labels[token.id] = token.label;
        }
        return {};
    }

  private:
    Agent m_agent;
    std::map<std::string, std::string> m_labels;
};

std::string json_line(const ipc::WatchReply& reply, const std::string& label) {
    ipc::Writer writer;
    writer.number("generation", reply.generation);
    writer.plain("kind", name_of(reply.change->kind));
    writer.text("token", reply.change->token);
    writer.text("label", label);
    return writer.finish() + "\n";
}

std::string text_line(const ipc::Change& change, const std::string& label) {
    return std::string(text_of(change.kind)) + ": " + printable_utf8(label) + " (" +
           printable_utf8(change.token) + ")\n";
}

Result<ExitStatus> watch_tokens(const WatchArguments& options) {
    SIGNET_TRY(auto agent, Agent::connect());
    SIGNET_TRY(auto labels_agent, Agent::connect());
    Labels labels(std::move(labels_agent));
    SIGNET_CHECK(labels.refresh());
    SIGNET_CHECK(agent.watch());
    for (;;) {
        SIGNET_TRY(const auto reply, agent.next_change());
        if (reply.change) {
            SIGNET_TRY(const auto label, labels.of(*reply.change));
            SIGNET_CHECK(
                write_output("-", options.json ? json_line(reply, label) : text_line(*reply.change, label)));
        }
    }
}

}  // namespace

void declare_watch(CLI::App& program, Action& chosen) {
    auto [command, options] = declare<WatchArguments>(
        program, "watch", "Print a line whenever a token comes, goes or changes", chosen, watch_tokens);
    command.add_flag("--json", options.json, "Print one JSON object per line");
}

}  // namespace signet::cli
