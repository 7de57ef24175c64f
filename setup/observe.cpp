#include "ipc/admin_codec.h"
#include "ipc/client.h"
#include "ipc/codec.h"
#include "setup/doctor.h"
#include "setup/processes.h"
#include "setup/subprocess.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <system_error>

namespace signet::setup {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr seconds agent_patience{20};  // it may start its hosts first
constexpr seconds pcscd_patience{5};

std::string rfc3339(std::time_t time) {
    std::tm parts{};
    gmtime_r(&time, &parts);
    char text[sizeof "2026-11-22T00:00:00Z"] = {};
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

fs::path agent_socket(const Surroundings& surroundings) {
    // Set to nothing it says that there is no agent.
    if (const auto named = surroundings.variables.find("SIGNET_SOCKET");
        named != surroundings.variables.end()) {
        return named->second;
    }
    const std::string runtime =
        surroundings.variable("XDG_RUNTIME_DIR").value_or("/run/user/" + std::to_string(getuid()));
    return fs::path(runtime) / "signet" / "agent.sock";
}

bool runs(const std::vector<Process>& processes, const std::string& name) {
    return std::any_of(processes.begin(), processes.end(),
                       [&name](const auto& process) { return process.name == name; });
}

// How many tries a PIN has left; the card is asked and no try is spent.
std::optional<int> tries_left(ipc::Client& agent, const std::string& token) {
    const ipc::AdminCall call{.method = ipc::AdminMethod::show, .token = token};
    const std::string method =
        std::string(ipc::admin_interface) + "." + std::string(name_of(ipc::AdminMethod::show));
    const auto reply = agent.call(method, ipc::encode(call), {}, Clock::now() + agent_patience);
    if (!reply) {
        return std::nullopt;
    }
    const auto answer = ipc::decode_admin_reply(ipc::AdminMethod::show, reply->parameters);
    const auto* details = answer ? std::get_if<ipc::TokenDetails>(&*answer) : nullptr;
    return details != nullptr && details->pin.tries_left
               ? std::optional(static_cast<int>(*details->pin.tries_left))
               : std::nullopt;
}

Result<AgentObservation> ask_agent(const Surroundings& surroundings) {
    AgentObservation observation{
        .failure = {}, .version = {}, .started = !runs(own_processes(surroundings), "signet-agent")};
    SIGNET_TRY(auto agent, ipc::Client::connect(agent_socket(surroundings).string()));
    const auto deadline = Clock::now() + agent_patience;
    SIGNET_TRY(const auto info, agent.call("org.varlink.service.GetInfo", "{}", {}, deadline));
    SIGNET_TRY(observation.version, ipc::decode_text(info.parameters, "version"));
    const std::string method = std::string(ipc::agent_interface) + ".GetInventory";
    SIGNET_TRY(const auto reply, agent.call(method, ipc::encode_known_generation({}), {}, deadline));
    SIGNET_TRY(observation.inventory, ipc::decode_inventory(reply.parameters));
    for (const auto& token : observation.inventory.tokens.value_or(std::vector<ipc::Token>())) {
        if (token.pin == ipc::PinState::ok || token.pin == ipc::PinState::blocked) {
            continue;
        }
        if (const auto tries = tries_left(agent, token.id)) {
            observation.tries_left[token.id] = *tries;
        }
    }
    return observation;
}

AgentObservation observe_agent(const Surroundings& surroundings) {
    auto observation = ask_agent(surroundings);
    if (!observation) {
        const auto& error = observation.error();
        return {.failure = error.detail.empty() ? std::string(error_name(error.code)) : error.detail};
    }
    return std::move(*observation);
}

// What one of signet's programs says of its settings; empty: nothing.
std::string checked_by(const std::string& program, const Surroundings& surroundings) {
    const auto result =
        run_program({(surroundings.installed.programs / program).string(), "--check"}, {}, pcscd_patience);
    if (!result) {
        return result.error().operation + " " + result.error().detail;
    }
    return result->status == 0 ? "" : first_line(result->diagnostics);
}

std::map<std::string, std::string> wrong_settings(const Surroundings& surroundings) {
    constexpr std::pair<const char*, const char*> readers[] = {{"gpgsm.toml", "signet-gpgsm"},
                                                               {"ssh.toml", "signet-ssh-agent"}};
    std::map<std::string, std::string> wrong;
    std::error_code ignored;
    for (const auto& [file, program] : readers) {
        const bool there = fs::exists(surroundings.installed.programs / program, ignored);
        if (auto failure = there ? checked_by(program, surroundings) : ""; !failure.empty()) {
            wrong.emplace(file, std::move(failure));
        }
    }
    return wrong;
}

// By the process with which the agent watches them.
Result<ipc::ReadersReply> ask_for_readers(const Surroundings& surroundings) {
    constexpr int inherited = 3;
    SIGNET_TRY(auto sockets, make_socket_pair());
    SIGNET_TRY(const auto watch,
               start_program({surroundings.installed.token_host.string(), "--watch-readers", "--sockets",
                              std::to_string(inherited), "--log-level", "error"},
                             {}, {{sockets.second.get(), inherited}}));
    sockets.second.close();
    ipc::Client client(std::move(sockets.first));
    SIGNET_CHECK(client.call_more(std::string(ipc::readers_interface) + ".WatchReaders", "{}"));
    SIGNET_TRY(const auto reply, client.next_reply(Clock::now() + pcscd_patience));
    return ipc::decode_readers_reply(reply.parameters);
}

}  // namespace

Observation observe(const Surroundings& surroundings) {
    Observation observation;
    std::error_code ignored;
    if (fs::exists(pcscd_socket(surroundings), ignored)) {
        observation.pcscd_started = processes_named(surroundings, "pcscd").empty();
        const auto readers = ask_for_readers(surroundings);
        observation.readers =
            readers ? *readers : ipc::ReadersReply{.readers = {}, .failure = readers.error().detail};
    }
    observation.agent = observe_agent(surroundings);
    observation.configuration_failure = checked_by("signet-agent", surroundings);
    observation.wrong_settings = wrong_settings(surroundings);
    observation.other_uses = ask_programs(surroundings);
    observation.module_failure = module_failure(surroundings.installed.module);
    const std::time_t now = std::time(nullptr);
    observation.today = rfc3339(now);
    observation.in_a_month =
        rfc3339(now + std::chrono::duration_cast<seconds>(std::chrono::days(30)).count());
    return observation;
}

}  // namespace signet::setup
