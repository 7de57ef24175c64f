#include "tests/support/rest.h"

#include "tests/support/subprocess.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace signet::test {
namespace {

// How often the threads of the agent and of its hosts have been woken so far.
std::uint64_t wake_ups(pid_t agent) {
    std::uint64_t sum = 0;
    std::vector<std::string> processes{std::to_string(agent)};
    for (std::size_t i = 0; i < processes.size(); ++i) {
        for (const auto& thread : std::filesystem::directory_iterator("/proc/" + processes[i] + "/task")) {
            std::ifstream children(thread.path() / "children");
            for (std::string child; children >> child;) {
                processes.push_back(child);
            }
            std::ifstream status(thread.path() / "status");
            for (std::string name, value; status >> name && std::getline(status, value);) {
                if (name.ends_with("voluntary_ctxt_switches:")) {
                    sum += std::stoull(value);
                }
            }
        }
    }
    return sum;
}

}  // namespace

bool comes_to_rest(pid_t process) {
    return eventually([process] {
        const auto before = wake_ups(process);
        std::this_thread::sleep_for(std::chrono::seconds(1));
        return wake_ups(process) == before;
    });
}

}  // namespace signet::test
