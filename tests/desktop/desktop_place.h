#pragma once

#include "tests/support/agent.h"
#include "tests/support/desktop_services.h"
#include "tests/support/message_bus.h"

#include <string>
#include <vector>

namespace signet::test {

// Variables for the agent of a person whose buses these are.
Variables desktop_variables(const MessageBus& system_bus, const MessageBus& session_bus);

// The agent's helpers of that name, by process id.
std::vector<pid_t> helpers(RunningAgent& agent, const std::string& name);

// A system bus, a session bus, and an agent with one token in a desktop session.
class DesktopPlace {
  public:
    explicit DesktopPlace(AgentOptions options = {});

    [[nodiscard]] MessageBus& system_bus() { return m_system_bus; }
    [[nodiscard]] MessageBus& session_bus() { return m_session_bus; }
    [[nodiscard]] RunningAgent& agent() { return m_agent; }

    // Starts the agent, and waits until its log has this.
    void start(const std::string& awaited);
    [[nodiscard]] bool is_logged(const std::string& text, int times = 1) const;
    // True once the token is unlocked, or not.
    [[nodiscard]] bool comes_to_be_unlocked(bool unlocked) const;

  private:
    MessageBus m_system_bus;
    MessageBus m_session_bus;
    RunningAgent m_agent;
};

}  // namespace signet::test
