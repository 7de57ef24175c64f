#include "tests/desktop/desktop_place.h"

#include <fstream>
#include <stdexcept>
#include <utility>

namespace signet::test {
namespace {

AgentOptions with_buses(AgentOptions options, const MessageBus& system_bus, const MessageBus& session_bus) {
    options.notifications = true;
    options.lock_with_screen = true;
    options.variables.merge(desktop_variables(system_bus, session_bus));
    return options;
}

}  // namespace

Variables desktop_variables(const MessageBus& system_bus, const MessageBus& session_bus) {
    return {{"DBUS_SYSTEM_BUS_ADDRESS", system_bus.address()},
            {"DBUS_SESSION_BUS_ADDRESS", session_bus.address()},
            {"XDG_SESSION_ID", Logind::session_id}};
}

std::vector<pid_t> helpers(RunningAgent& agent, const std::string& name) {
    const std::string pid = std::to_string(agent.process().pid());
    std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
    std::vector<pid_t> found;
    for (pid_t child = 0; children >> child;) {
        std::ifstream comm("/proc/" + std::to_string(child) + "/comm");
        if (std::string its_name; std::getline(comm, its_name) && its_name == name) {
            found.push_back(child);
        }
    }
    return found;
}

DesktopPlace::DesktopPlace(AgentOptions options)
    : m_agent(with_buses(std::move(options), m_system_bus, m_session_bus)) {
    m_agent.softhsm().init_token("tok");
}

void DesktopPlace::start(const std::string& awaited) {
    m_agent.start();
    if (!is_logged(awaited)) {
        throw std::runtime_error("not logged: " + awaited + "\n" + m_agent.log());
    }
}

bool DesktopPlace::is_logged(const std::string& text, int times) const {
    return eventually([this, &text, times] {
        const std::string log = m_agent.log();
        int count = 0;
        for (std::size_t at = 0; (at = log.find(text, at)) != std::string::npos; ++at) {
            ++count;
        }
        return count >= times;
    });
}

bool DesktopPlace::comes_to_be_unlocked(bool unlocked) const {
    return eventually([this, unlocked] { return m_agent.tokens().at(0).unlocked == unlocked; });
}

}  // namespace signet::test
