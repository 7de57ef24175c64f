#include "setup/state.h"

#include "setup/plan.h"

namespace signet::setup {
namespace {

void judge(ClientState& state, const Surroundings& surroundings) {
    const auto journal = read_journal(surroundings.state_home(), record_name(state.choice));
    if (!journal) {
        state.progress = Progress::unknown;
        state.detail = journal.error().detail;
        return;
    }
    if (*journal && !(*journal)->finished) {
        state.progress = Progress::interrupted;
        return;
    }
    const auto client = describe(state.choice, surroundings);
    const auto plan = client ? plan_setup(*client) : Result<Plan>(Failure(client.error()));
    if (plan) {
        const auto otherwise = *journal ? Progress::outdated : Progress::not_set_up;
        state.progress = plan->changes.empty() ? Progress::set_up : otherwise;
    } else if (plan.error().code == ErrorCode::not_found) {
        state.detail = plan.error().detail;
    } else {
        state.progress = Progress::unknown;
        state.detail = plan.error().detail;
    }
}

}  // namespace

ClientState client_state(const Choice& choice, const Surroundings& surroundings) {
    ClientState state{.choice = choice,
                      .installed = installed_program(choice.client, surroundings).has_value()};
    if (state.installed) {
        judge(state, surroundings);
    }
    return state;
}

std::vector<ClientState> client_states(const Surroundings& surroundings) {
    std::vector<ClientState> states;
    for (const ClientName client : all_clients) {
        states.push_back(client_state({.client = client}, surroundings));
        if (has_system_choice(client)) {
            auto system = client_state({.client = client, .system = true}, surroundings);
            if (system.progress != Progress::not_set_up && system.installed) {
                states.push_back(std::move(system));
            }
        }
    }
    return states;
}

}  // namespace signet::setup
